/**
 * Pictures that show what was done: drawn anew, durable under their hash, and part of one round of
 * one case before anybody can name them in a command.
 */
import { createHash } from "node:crypto";
import { sql, type Transaction } from "kysely";
import {
  AFTER_PICTURES,
  type AfterPictureAnswer,
  type AfterPictureQuery,
  caseIdSchema,
  type CaseState,
  type EpochMs,
  formatTime,
  parseTime,
  PermanentError,
  sha256Schema,
  TransientError,
} from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import {
  appendTimeline,
  loadCase,
  type LoadedCase,
  lockCases,
  publishCases,
  type Schema,
  transaction,
} from "../store/index.ts";
import type { CleanPicture, PictureInput } from "./deps.ts";

export interface AfterPicture {
  readonly caseId: string;
  readonly taskId: string | null;
  /** For whom it was taken; null for the control room. */
  readonly department: string | null;
  /** As timeline and audit name the sender. */
  readonly actor: string;
  readonly address: string;
  readonly bytes: Buffer;
  readonly claims: AfterPictureQuery;
}

/** A department has the case, and nobody has closed it. */
const TAKING: readonly CaseState[] = [
  "ACCEPTED",
  "HANDLING",
  "WHISTLED",
  "SUSPENDED",
  "CONTAINED",
  "HANDLED",
  "CHECKING",
  "REWORK",
];
/** Decoding takes tens of megabytes: one at a time, and few that wait. */
const MAX_WAITING = 8;

export interface AfterPictures {
  /**
   * The answer means that the picture is durable; sending it again gets the same answer.
   *
   * @throws PermanentError NOT_FOUND, STATE_CONFLICT, COMMAND_REFUSED, BODY_TOO_LARGE or
   * EVIDENCE_MISMATCH; TransientError OVERLOADED
   */
  add(picture: AfterPicture): Promise<AfterPictureAnswer>;
}

export function createAfterPictures(input: PictureInput): AfterPictures {
  const clean = oneAtATime((bytes: Buffer) => input.pictures.clean(bytes, "body"));
  return {
    add: async (picture) => {
      const { caseId, bytes } = picture;
      const sent = createHash("sha256").update(bytes).digest("hex");
      const known = await input.db.transaction().execute(async (tx) => {
        const loaded = await loadCase(tx, caseId);
        return (await findSent(tx, loaded, sent)) ?? requireTaking(tx, loaded);
      });
      if (known !== undefined) {
        return { ...known, repeated: true };
      }
      const kept = await clean(bytes);
      await input.pictures.write(kept.sha256, kept.bytes);
      const answer = await transaction(
        input.db,
        (tx) => keep(tx, input, picture, sent, kept),
        input,
      );
      if (!(await input.pictures.has(kept.sha256))) {
        // Retention erased what was deleted before, just as it came again.
        await input.pictures.write(kept.sha256, kept.bytes);
      }
      return answer;
    },
  };
}

function oneAtATime<In, Out>(work: (value: In) => Promise<Out>): (value: In) => Promise<Out> {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return (value) => {
    if (waiting >= MAX_WAITING) {
      throw new TransientError("OVERLOADED", "Too many pictures come in at once", {
        expected: "the same picture again in a few seconds",
      });
    }
    waiting += 1;
    const done = last
      .then(() => work(value))
      .finally(() => {
        waiting -= 1;
      });
    last = done.catch(() => undefined);
    return done;
  };
}

type Found = Omit<AfterPictureAnswer, "repeated">;

async function findSent(
  tx: Transaction<Schema>,
  { row, record }: LoadedCase,
  sent: string,
): Promise<Found | undefined> {
  const found = await tx
    .selectFrom("case_evidence")
    .innerJoin("evidence", "evidence.sha256", "case_evidence.sha256")
    .select(["case_evidence.sha256", "bytes", "width", "height", "added_at"])
    .where("case_id", "=", row.id)
    .where("round", "=", record.rounds)
    .where("sent_sha256", "=", sent)
    .where("evidence.state", "=", "stored")
    .executeTakeFirst();
  return found === undefined
    ? undefined
    : {
        caseId: caseIdSchema.parse(row.id),
        sha256: sha256Schema.parse(found.sha256),
        bytes: found.bytes,
        width: found.width,
        height: found.height,
        addedAt: formatTime(found.added_at.getTime()),
      };
}

async function requireTaking(
  tx: Transaction<Schema>,
  { row, record }: LoadedCase,
): Promise<undefined> {
  if (!TAKING.includes(record.state)) {
    throw new PermanentError("STATE_CONFLICT", "The case takes no after-picture now", {
      where: row.id,
      expected: TAKING.join(", "),
      got: record.state,
    });
  }
  const { count } = await tx
    .selectFrom("case_evidence")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("case_id", "=", row.id)
    .where("round", "=", record.rounds)
    .executeTakeFirstOrThrow();
  if (count >= AFTER_PICTURES) {
    throw new PermanentError("COMMAND_REFUSED", "The case has its pictures", {
      where: row.id,
      expected: `at most ${AFTER_PICTURES} in a round`,
      got: String(count),
    });
  }
  return undefined;
}

async function keep(
  tx: Transaction<Schema>,
  { clock }: PictureInput,
  picture: AfterPicture,
  sent: string,
  kept: CleanPicture,
): Promise<AfterPictureAnswer> {
  await lockCases(tx);
  const now = clock.now();
  const loaded = await loadCase(tx, picture.caseId);
  await requireTaking(tx, loaded);
  await markStored(tx, kept, now);
  const { claims, department, actor, taskId } = picture;
  const { numInsertedOrUpdatedRows: added } = await tx
    .insertInto("case_evidence")
    .values({
      case_id: loaded.row.id,
      sha256: kept.sha256,
      kind: "after",
      sent_sha256: sent,
      round: loaded.record.rounds,
      ...{ task_id: taskId, department, actor },
      // A phone that runs ahead has not seen the future.
      taken_at: new Date(
        Math.min(now, claims.takenAt === undefined ? now : parseTime(claims.takenAt)),
      ),
      place: placeOf(claims),
      added_at: new Date(now),
      width: kept.width,
      height: kept.height,
    })
    .onConflict((conflict) => conflict.columns(["case_id", "round", "sha256"]).doNothing())
    .executeTakeFirst();
  const isNew = added !== 0n && added !== undefined;
  if (isNew) {
    await tell(tx, picture, kept, now);
  }
  return {
    caseId: caseIdSchema.parse(loaded.row.id),
    sha256: sha256Schema.parse(kept.sha256),
    bytes: kept.bytes.length,
    width: kept.width,
    height: kept.height,
    addedAt: formatTime(now),
    repeated: !isNew,
  };
}

async function markStored(
  tx: Transaction<Schema>,
  { sha256, bytes }: CleanPicture,
  now: EpochMs,
): Promise<void> {
  const at = new Date(now);
  const stored = { state: "stored", bytes: bytes.length, stored_at: at } as const;
  const fresh = { gone_at: null, checked_at: null, look_at: null, erased: false } as const;
  await tx
    .insertInto("evidence")
    .values({ sha256, mime: "image/jpeg", announced_at: at, ...stored })
    // What was kept is kept a whole term from now: it is this case's too.
    .onConflict((conflict) => conflict.column("sha256").doUpdateSet({ ...stored, ...fresh }))
    .execute();
}

function placeOf({ lat, lon, accuracyM }: AfterPictureQuery): string | null {
  return lat === undefined || lon === undefined
    ? null
    : JSON.stringify({ lat, lon, ...(accuracyM === undefined ? {} : { accuracyM }) });
}

/** A picture decides nothing: commands that have not seen it are still up to date. */
async function tell(
  tx: Transaction<Schema>,
  { caseId, actor, address, taskId }: AfterPicture,
  { sha256, bytes }: CleanPicture,
  at: EpochMs,
): Promise<void> {
  await tx
    .updateTable("case_file")
    .set({ version: sql`version + 1`, updated_at: new Date(at) })
    .where("id", "=", caseId)
    .execute();
  const facts = { sha256, bytes: bytes.length, kind: "after" };
  await appendTimeline(tx, [{ caseId, at, kind: "evidence", actor, facts }]);
  await publishCases(tx, [caseId], at);
  await appendAudit(tx, [
    {
      ...{ at, actor, action: "evidence.add", subject: `case:${caseId}`, address },
      facts: { sha256, ...(taskId === null ? {} : { task: taskId }) },
    },
  ]);
}
