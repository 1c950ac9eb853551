/**
 * Transactions that begin again when PostgreSQL asks for it.
 *
 * Time in SQL: no statement of ours calls now(). Every time is a parameter, epoch ms taken from
 * `clock.now()` before the transaction, so that a test moves three hours in no time and a record
 * of the inputs replays to the same rows.
 */
import type { IsolationLevel, Kysely, Transaction } from "kysely";
import type { Clock } from "../../protocol/index.ts";
import { reach } from "./failpoint.ts";
import { reasonOf, unavailableForNow } from "./unavailable.ts";

export interface TransactionOptions {
  readonly clock: Clock;
  /** PostgreSQL's own default where absent: read committed. */
  readonly isolation?: IsolationLevel;
  readonly signal?: AbortSignal;
}

/** Serialization failure and deadlock: the same work may succeed when begun again. */
const BEGIN_AGAIN: ReadonlySet<string> = new Set(["40001", "40P01"]);
/** Pause before each further attempt; their number is the bound. */
const PAUSES_MS = [2, 10, 30, 80, 200] as const;

/**
 * Runs `work` in one transaction and commits it. `work` may run several times, so it must have no
 * effect outside of the transaction.
 *
 * @throws TransientError DATABASE_UNAVAILABLE when the database cannot be reached, or when every
 * attempt met a conflict. After a lost connection it is unknown whether the commit took place.
 */
export function transaction<Db, Result>(
  db: Kysely<Db>,
  work: (trx: Transaction<Db>) => Promise<Result>,
  { isolation, ...options }: TransactionOptions,
): Promise<Result> {
  const builder = db.transaction();
  const run = isolation === undefined ? builder : builder.setIsolationLevel(isolation);
  return again(
    () =>
      run.execute(async (trx) => {
        await reach("transaction.begun");
        const done = await work(trx);
        await reach("transaction.before-commit");
        return done;
      }),
    options,
  );
}

/**
 * The same for a single statement, which commits by itself: one round trip instead of three.
 * @throws as `transaction`.
 */
export function atOnce<Db, Result>(
  db: Kysely<Db>,
  work: (db: Kysely<Db>) => Promise<Result>,
  options: Omit<TransactionOptions, "isolation">,
): Promise<Result> {
  return again(async () => {
    await reach("transaction.before-commit");
    return work(db);
  }, options);
}

async function again<Result>(
  run: () => Promise<Result>,
  { clock, signal }: Omit<TransactionOptions, "isolation">,
): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const result = await run();
      await reach("transaction.committed");
      return result;
    } catch (error) {
      const pauseMs = PAUSES_MS[attempt];
      if (!BEGIN_AGAIN.has(sqlState(error)) || pauseMs === undefined) {
        throw asUnavailable(error);
      }
      await clock.wait(pauseMs, signal);
    }
  }
}

/** SQLSTATE or system code of an error of pg; empty for anything else. */
export function sqlState(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}

const CONNECTION_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "57P01", // The server is shutting down.
  "57P02",
  "57P03", // It is starting up.
  "53300", // Too many connections.
]);
const CONNECTION_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/;

/** Whether an error says that the database cannot be reached just now. */
export function isConnectionLoss(error: unknown): boolean {
  const code = sqlState(error);
  return (
    CONNECTION_CODES.has(code) ||
    code.startsWith("08") ||
    (error instanceof Error && CONNECTION_MESSAGES.test(error.message))
  );
}

/** Errors that another attempt may cure become TransientError; every other stays as it is. */
function asUnavailable(error: unknown): unknown {
  if (BEGIN_AGAIN.has(sqlState(error)) || isConnectionLoss(error)) {
    return unavailableForNow(
      "The database could not finish a transaction",
      { got: reasonOf(error) },
      error,
    );
  }
  return error;
}
