/**
 * Holds guessing up. Kept in the database, so that neither a restart nor a second replica helps a
 * guesser; the same for names that do not exist. Who guesses from elsewhere does not lock out the
 * person whose name he knows: that takes many addresses.
 */
import type { Kysely } from "kysely";
import { type EpochMs, TransientError } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";

export const ATTEMPT_WINDOW_MS = 15 * 60_000;
/** Failures of one name from one address, of one address, and of one name from everywhere. */
export const MAX_OF_BOTH = 10;
/** A whole control room may share one address. */
export const MAX_PER_ADDRESS = 50;
export const MAX_PER_NAME = 100;

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
  const { ofBoth, ofAddress, ofName } = await db
    .selectFrom("sign_in_attempt")
    .select((eb) => [
      eb.fn
        .countAll<number>()
        .filterWhere("name", "=", name)
        .filterWhere("address", "=", address)
        .as("ofBoth"),
      eb.fn.countAll<number>().filterWhere("address", "=", address).as("ofAddress"),
      eb.fn.countAll<number>().filterWhere("name", "=", name).as("ofName"),
    ])
    .where("at", ">=", since)
    .where((eb) => eb.or([eb("name", "=", name), eb("address", "=", address)]))
    .executeTakeFirstOrThrow();
  if (ofBoth > MAX_OF_BOTH || ofAddress > MAX_PER_ADDRESS || ofName > MAX_PER_NAME) {
    await forget();
    throw new TransientError("RATE_LIMITED", "Too many failed sign-ins; wait and try again", {
      expected: `a pause of at most ${ATTEMPT_WINDOW_MS / 60_000} minutes`,
    });
  }
  return forget;
}

/** The tries from where the holder proved who he is; a guesser's elsewhere stay counted. */
export async function forgetAttempts(
  db: Kysely<Schema>,
  { name, address }: { readonly name: string; readonly address: string },
): Promise<void> {
  await db
    .deleteFrom("sign_in_attempt")
    .where("name", "=", name)
    .where("address", "=", address)
    .execute();
}
