/** Compares pictures with their names, those first that were not looked at for the longest time. */
import { type Kysely, sql } from "kysely";
import type { Clock } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import type { PictureFiles } from "./picture-sweeps.ts";

export interface CheckInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly files: Pick<PictureFiles, "isWhole">;
}

/** A picture that is whole again is so from now on. @returns how many were found damaged anew. */
export async function checkPictures(
  { db, clock, files }: CheckInput,
  limit: number,
  signal: AbortSignal,
): Promise<number> {
  const rows = await db
    .selectFrom("evidence")
    .select(["sha256", "state", "stored_at"])
    .where("state", "in", ["stored", "damaged"])
    .orderBy(sql`coalesce(checked_at, stored_at)`)
    .orderBy("sha256")
    .limit(limit)
    .execute();
  let found = 0;
  for (const { sha256, state, stored_at: storedAt } of rows) {
    if (signal.aborted) {
      return found;
    }
    const isWhole = await files.isWhole(sha256);
    const at = new Date(clock.now());
    const after = isWhole ? "stored" : "damaged";
    const changed = await db
      .updateTable("evidence")
      .set({ checked_at: at })
      .$if(after !== state, (query) => query.set({ state: after, gone_at: isWhole ? null : at }))
      .where("sha256", "=", sha256)
      // Delivered or deleted meanwhile: what was seen is not true any more.
      .where("state", "=", state)
      .where("stored_at", "=", storedAt)
      .executeTakeFirst();
    found += !isWhole && state === "stored" && changed.numUpdatedRows > 0n ? 1 : 0;
  }
  return found;
}

export async function countDamaged(db: Kysely<Schema>): Promise<number> {
  const row = await db
    .selectFrom("evidence")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("state", "=", "damaged")
    .executeTakeFirst();
  return row?.count ?? 0;
}
