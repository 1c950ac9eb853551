/** Copies the policy in force onto cases that have none yet, and sets their first timers. */
import type { Transaction } from "kysely";
import { loadCases, lockCases, saveCases, type Schema, transaction } from "../store/index.ts";
import type { CaseworkInput } from "./deps.ts";

const BATCH = 200;
const KEEP_COMMANDS_MS = 7 * 86_400_000;

/** Where a case was opened without its timers, this is how it gets them. @returns how many did. */
export async function armCases(input: CaseworkInput): Promise<number> {
  const work = async (tx: Transaction<Schema>): Promise<number> => {
    await lockCases(tx);
    const rows = await tx
      .selectFrom("case_file")
      .select("id")
      .where("work", "is", null)
      .limit(BATCH)
      .execute();
    const cases = await loadCases(
      tx,
      rows.map(({ id }) => id),
    );
    const changes = [...cases.values()].map((before) => ({
      before,
      record: before.record,
      effects: [],
      actor: "system",
      decided: false,
    }));
    await saveCases(tx, changes, input, { now: input.clock.now() });
    return changes.length;
  };
  const waiting = await input.db
    .selectFrom("case_file")
    .select("id")
    .where("work", "is", null)
    .limit(1)
    .executeTakeFirst();
  return waiting === undefined ? 0 : transaction(input.db, work, { clock: input.clock });
}

/** Keys of a week ago may be used again. */
export async function forgetCommands(input: CaseworkInput): Promise<void> {
  await input.db
    .deleteFrom("command")
    .where("at", "<", new Date(input.clock.now() - KEEP_COMMANDS_MS))
    .execute();
}
