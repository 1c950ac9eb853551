/**
 * Holds guessing up, per account and per address. Kept in the database, so that neither a restart
 * nor a second replica helps a guesser; the same for names that do not exist.
 */
import type { Kysely } from "kysely";
import { type EpochMs, TransientError } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";

export const ATTEMPT_WINDOW_MS = 15 * 60_000;
export const MAX_PER_NAME = 10;
/** A whole control room may share one address. */
export const MAX_PER_ADDRESS = 50;

/**
 * Counted before the password is looked at, so that many tries at the same moment do not slip
 * past. Call the result when the password was right.
 *
 * @throws TransientError RATE_LIMITED; that try is not counted, so that it does not prolong it.
 */
export async function countAttempt(
  db: Kysely<Schema>,
  who: { readonly name: string; readonly address: string },
  now: EpochMs,
): Promise<() => Promise<void>> {
  const { name, address } = who;
  const since = new Date(now - ATTEMPT_WINDOW_MS);
  await db.deleteFrom("sign_in_attempt").where("at", "<", since).execute();
  const { id } = await db
    .insertInto("sign_in_attempt")
    .values({ name, address, at: new Date(now) })
    .returning("id")
    .executeTakeFirstOrThrow();
  const forget = async (): Promise<void> => {
    await db.deleteFrom("sign_in_attempt").where("id", "=", id).execute();
  };
  const count = async (column: "name" | "address", value: string): Promise<number> => {
    const row = await db
      .selectFrom("sign_in_attempt")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where(column, "=", value)
      .where("at", ">=", since)
      .executeTakeFirstOrThrow();
    return row.count;
  };
  const [ofName, ofAddress] = [await count("name", name), await count("address", address)];
  if (ofName > MAX_PER_NAME || ofAddress > MAX_PER_ADDRESS) {
    await forget();
    throw new TransientError("RATE_LIMITED", "Too many failed sign-ins; wait and try again", {
      expected: `a pause of at most ${ATTEMPT_WINDOW_MS / 60_000} minutes`,
    });
  }
  return forget;
}

/** The account's tries, once its holder proved who he is. */
export async function forgetAttempts(db: Kysely<Schema>, name: string): Promise<void> {
  await db.deleteFrom("sign_in_attempt").where("name", "=", name).execute();
}
