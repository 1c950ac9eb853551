/** Pictures that a command leans on: there, whole, and of this case and its present round. */
import type { Transaction } from "kysely";
import { type CaseCommand, PermanentError } from "../../protocol/index.ts";
import type { LoadedCase, Schema } from "../store/index.ts";
import type { PictureStore } from "./deps.ts";

interface Needed {
  readonly pictures: readonly string[];
  readonly where: string;
}

/** @throws PermanentError EVIDENCE_UNKNOWN */
export async function requirePictures(
  tx: Transaction<Schema>,
  loaded: LoadedCase,
  command: CaseCommand,
  store: Pick<PictureStore, "has">,
): Promise<void> {
  const { pictures, where } = neededBy(command, loaded);
  if (pictures.length === 0) {
    return;
  }
  const known = await ownPictures(tx, loaded, pictures);
  for (const sha256 of pictures) {
    if (!known.has(sha256)) {
      throw unknown(where, "after-pictures of this case and its present round", sha256);
    }
    if (known.get(sha256) !== "stored" || !(await store.has(sha256))) {
      throw unknown(where, "pictures whose bytes are in the brain", sha256);
    }
  }
}

function neededBy(command: CaseCommand, { record }: LoadedCase): Needed {
  switch (command.kind) {
    case "handle":
    case "pass":
      return { pictures: [...new Set(command.evidence)], where: "command.evidence" };
    case "close":
      return { pictures: record.afterEvidence?.pictures ?? [], where: "after-evidence" };
    default:
      return { pictures: [], where: "" };
  }
}

/**
 * What people sent for this round, and what the case's own cameras saw after the department took
 * it: the picture that raised the alarm shows nothing of the work.
 */
async function ownPictures(
  tx: Transaction<Schema>,
  { row, record }: LoadedCase,
  pictures: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const since = new Date(record.round.acceptedAt ?? record.round.startedAt);
  const rows = await tx
    .selectFrom("evidence")
    .select(["sha256", "state"])
    .where("sha256", "in", [...pictures])
    .where((eb) =>
      eb.or([
        eb.exists(
          eb
            .selectFrom("case_evidence")
            .select("case_evidence.sha256")
            .whereRef("case_evidence.sha256", "=", "evidence.sha256")
            .where("case_id", "=", row.id)
            .where("round", "=", record.rounds),
        ),
        eb.exists(
          eb
            .selectFrom("evidence_ref")
            .innerJoin("incident_event", "incident_event.event_id", "evidence_ref.event_id")
            .select("evidence_ref.sha256")
            .whereRef("evidence_ref.sha256", "=", "evidence.sha256")
            .where("incident_event.incident_id", "=", row.incident_id)
            .where("evidence_ref.captured_at", ">", since),
        ),
      ]),
    )
    .execute();
  return new Map(rows.map(({ sha256, state }) => [sha256, state]));
}

function unknown(where: string, expected: string, got: string): PermanentError {
  return new PermanentError("EVIDENCE_UNKNOWN", "A picture of the evidence is not here", {
    ...{ where, expected, got },
  });
}
