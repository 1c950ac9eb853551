/** Carries out commands to cases: for the control room by case, for a department by its task. */
import type { Transaction } from "kysely";
import { appendAudit, type AuditEntry } from "../audit/index.ts";
import { actorName, type CaseOutcome, type CaseRecord, decideCase } from "../cases/index.ts";
import {
  type Actor,
  type CaseActionOffer,
  type CaseCommand,
  type CaseCommandAnswer,
  caseIdSchema,
  type EpochMs,
  formatTime,
  PermanentError,
  type TimelineKind,
} from "../../protocol/index.ts";
import { loadCase, type LoadedCase, saveCases, type Schema } from "../store/index.ts";
import type { PictureInput } from "./deps.ts";
import { endHold } from "./end-hold.ts";
import { requirePictures } from "./require-pictures.ts";
import { type Ran, runOnce } from "./run-once.ts";

export interface CommandOrder {
  readonly command: CaseCommand;
  /** Absent: whatever the case's version; only departments, who see their task alone, may. */
  readonly expectedVersion: number | undefined;
  readonly key: string;
  readonly principal: string;
  /** Network address, for the audit. */
  readonly address: string;
  /** What the sender may do next; absent: he is not told. */
  readonly offersOf?: (record: CaseRecord) => CaseActionOffer[];
}

export interface CommandTarget {
  readonly caseId: string;
  readonly actorOf: (loaded: LoadedCase) => Actor;
}

type Answer = Omit<CaseCommandAnswer, "repeated">;

/**
 * @throws PermanentError NOT_FOUND, VERSION_STALE, KEY_REUSED or EVIDENCE_UNKNOWN, and what
 * `decideCase` throws.
 */
export function commandCase(
  input: PictureInput,
  order: CommandOrder,
  findTarget: (tx: Transaction<Schema>) => Promise<CommandTarget>,
  about: unknown,
): Promise<Ran<Answer>> {
  const { command, principal, key, expectedVersion } = order;
  const body = { about, command, expectedVersion: expectedVersion ?? null };
  return runOnce(input, { principal, key, body }, async (tx, now) => {
    const target = await findTarget(tx);
    const loaded = await loadCase(tx, target.caseId);
    await requireFresh(tx, loaded, expectedVersion);
    const actor = target.actorOf(loaded);
    const outcome = decideCase(loaded.record, command, { actor, now });
    await requireReferences(tx, loaded, command);
    await requirePictures(tx, loaded, command, input.pictures);
    return write(tx, { input, loaded, order, actor, outcome, now });
  });
}

interface Decided {
  readonly input: PictureInput;
  readonly loaded: LoadedCase;
  readonly order: CommandOrder;
  readonly actor: Actor;
  readonly outcome: CaseOutcome;
  readonly now: EpochMs;
}

async function write(
  tx: Transaction<Schema>,
  { input, loaded, order, actor, outcome, now }: Decided,
): Promise<{ answer: Answer; endpointIds: readonly string[] }> {
  const { record, effects } = outcome;
  const { id, version } = loaded.row;
  const saved = await saveCases(
    tx,
    [{ before: loaded, record, effects, actor: actorName(actor), decided: true }],
    input,
    { now },
  );
  await appendAudit(tx, [
    {
      at: now,
      actor: order.principal === actorName(actor) ? order.principal : actorName(actor),
      action: "case.command",
      subject: `case:${id}`,
      address: order.address,
      facts: {
        command: order.command.kind,
        by: order.principal,
        from: loaded.record.state,
        to: record.state,
        version: version + 1,
      },
    },
    ...(await endHoldOfClosed(tx, { input, loaded, order, actor, outcome, now })),
  ]);
  const answer = {
    caseId: caseIdSchema.parse(id),
    state: record.state,
    version: version + 1,
    level: record.level,
    light: record.light,
    ...(order.offersOf === undefined ? {} : { actions: order.offersOf(record) }),
  };
  return { answer, endpointIds: saved.endpointIds };
}

/** What the case was held for is settled when it is closed. @returns Rows for the audit. */
async function endHoldOfClosed(
  tx: Transaction<Schema>,
  { loaded, order, actor, outcome, now }: Decided,
): Promise<AuditEntry[]> {
  const { id } = loaded.row;
  const isClosing = loaded.record.state !== "CLOSED" && outcome.record.state === "CLOSED";
  if (!isClosing || !(await endHold(tx, id))) {
    return [];
  }
  return [
    {
      at: now,
      actor: actorName(actor),
      action: "case.hold",
      subject: `case:${id}`,
      address: order.address,
      facts: { command: "release", reason: "the case is closed" },
    },
  ];
}

/** Entries that decide nothing; they may come after the decision that made a command stale. */
const TELLING: readonly TimelineKind[] = [
  "updated",
  "ended",
  "cancelled",
  "evidence",
  "noted",
  "delivered",
  "delivery-failed",
  "warned",
  "breached",
  "alarmed",
  "escalated",
  "whistle-late",
];

/**
 * Events and warnings raise the version without deciding anything: only a decision that the
 * sender has not seen makes a command stale.
 */
export async function requireFresh(
  tx: Transaction<Schema>,
  { row }: LoadedCase,
  expected: number | undefined,
  where = "expectedVersion",
): Promise<void> {
  if (expected === undefined || (expected >= row.decided_version && expected <= row.version)) {
    return;
  }
  const last = await tx
    .selectFrom("timeline")
    .select(["actor", "kind", "at"])
    .where("case_id", "=", row.id)
    .where("kind", "not in", TELLING)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  throw new PermanentError("VERSION_STALE", "The case has changed since it was looked at", {
    where,
    expected: String(row.version),
    got: String(expected),
    current: {
      version: row.version,
      state: row.state,
      by: last?.actor ?? "system",
      did: last?.kind ?? "reported",
      at: formatTime(last?.at.getTime() ?? row.updated_at.getTime()),
    },
  });
}

/** The case that a command merges into must exist. */
async function requireReferences(
  tx: Transaction<Schema>,
  { row }: LoadedCase,
  command: CaseCommand,
): Promise<void> {
  if (command.kind === "merge") {
    const into = await tx
      .selectFrom("case_file")
      .select(["id", "state"])
      .where("id", "=", command.into)
      .executeTakeFirst();
    if (into === undefined || into.id === row.id || into.state === "MERGED") {
      throw new PermanentError("COMMAND_REFUSED", "The case cannot be merged into this one", {
        where: "command.into",
        expected: "another case that is not merged itself",
        got: into === undefined ? "no such case" : into.id === row.id ? "itself" : "a merged case",
      });
    }
  }
}
