/** Looks after what may have been left: cases without timers. */
import type { Transaction } from "kysely";
import { armCases, lockCases, type Schema, transaction } from "../store/index.ts";
import type { CaseworkInput } from "./deps.ts";

const BATCH = 200;

/** Arms cases that were opened without timers. @returns how many were found. */
export async function armForgotten({ db, clock, work }: CaseworkInput): Promise<number> {
  const find = (from: typeof db | Transaction<Schema>): Promise<{ id: string }[]> =>
    from.selectFrom("case_file").select("id").where("work", "is", null).limit(BATCH).execute();
  if ((await find(db)).length === 0) {
    return 0;
  }
  return transaction(
    db,
    async (tx) => {
      await lockCases(tx);
      const ids = (await find(tx)).map(({ id }) => id);
      await armCases(tx, ids, work);
      return ids.length;
    },
    { clock },
  );
}
