/** The brain's one database: an embedded server or any other, behind the same few names. */
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { BrainConfig } from "../../config/index.ts";
import { AppError, type Clock } from "../../protocol/index.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { type OnNotify, startListener } from "./listener.ts";
import type { Log } from "./log.ts";
import { prepareNamed } from "./prepared.ts";
import type { Schema } from "./schema.ts";
import { isConnectionLoss } from "./transaction.ts";
import { reasonOf, unavailableForGood, unavailableForNow } from "./unavailable.ts";

const MINIMUM_VERSION = 15;
/** The embedded server admits 60 sessions; jobs and listeners need their share. */
const POOL_SIZE = 16;
const CONNECT_TIMEOUT_MS = 5_000;
/** A server that is started beside the brain may need a moment. */
const FIRST_CONTACT_TIMEOUT_MS = 30_000;
const FIRST_CONTACT_PAUSE_MS = 500;
const CLOSE_TIMEOUT_MS = 10_000;
const INT8_OID = 20;

export interface OpenDatabaseOptions {
  readonly config: BrainConfig["database"];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

export interface Database {
  /** `bigint` columns are read as numbers: times are epoch ms and counts stay below 2^53. */
  readonly db: Kysely<Schema>;
  readonly pool: pg.Pool;
  /** Carries the password: never log it. */
  readonly connectionString: string;
  /** Resolves when the subscription stands; disposing ends it, and so does `close`. */
  listen(channel: string, onNotify: OnNotify): Promise<AsyncDisposable>;
  /** Ends listeners, the pool and the embedded server, in this order. */
  close(): Promise<void>;
}

/**
 * Opens the database of `config.url`, or starts the embedded server in `config.dataDir`.
 * @throws TransientError or PermanentError DATABASE_UNAVAILABLE with the reason.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { config, clock, log, signal } = options;
  const embedded =
    config.url === undefined
      ? await startEmbeddedPostgres({ dataDir: config.dataDir, clock, log, signal })
      : undefined;
  const connectionString = embedded?.connectionString ?? config.url ?? "";
  const pool = createPool(connectionString, log);
  try {
    await waitForServer(pool, connectionString, options);
  } catch (error) {
    await closePool(pool, clock, log);
    await embedded?.close();
    throw error;
  }
  return assemble({ pool, connectionString, embedded, clock, log });
}

interface Parts {
  readonly pool: pg.Pool;
  readonly connectionString: string;
  readonly embedded: EmbeddedPostgres | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

function assemble({ pool, connectionString, embedded, clock, log }: Parts): Database {
  const listeners = new Set<AsyncDisposable>();
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([...listeners].map((listener) => listener[Symbol.asyncDispose]()));
    await closePool(pool, clock, log);
    await embedded?.close();
  };
  return {
    db: new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) }),
    pool,
    connectionString,
    listen: async (channel, onNotify) => {
      const listener = await startPatiently(
        () => startListener({ connectionString, channel, onNotify, clock, log }),
        clock,
      ).catch((error: unknown) => {
        const detail = { where: `channel ${channel}`, got: reasonOf(error) };
        throw unavailableForNow("The database does not take a listener", detail, error);
      });
      listeners.add(listener);
      return {
        [Symbol.asyncDispose]: async () => {
          listeners.delete(listener);
          await listener[Symbol.asyncDispose]();
        },
      };
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** A server that has just been started again lets nobody in for a moment. */
async function startPatiently<T>(start: () => Promise<T>, clock: Clock): Promise<T> {
  const deadline = clock.now() + FIRST_CONTACT_TIMEOUT_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!isConnectionLoss(error) || clock.now() >= deadline) {
        throw error;
      }
      await clock.wait(FIRST_CONTACT_PAUSE_MS);
    }
  }
}

function createPool(connectionString: string, log: Log): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    application_name: "sharp-eyes brain",
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    types: { getTypeParser: typeParser },
  });
  // An idle connection that breaks is replaced by the pool; unheard, the event would end the brain.
  pool.on("error", (error) => {
    log.warn({ reason: reasonOf(error) }, "An idle database connection was lost");
  });
  // The pool does not listen to one at work; its query rejects anyway.
  pool.on("connect", (client) => {
    prepareNamed(client);
    client.on("error", () => undefined);
  });
  return pool;
}

/** As pg reads values, but `bigint` as number. */
function typeParser(oid: number, format: "text" | "binary" = "text"): (value: string) => unknown {
  const find = pg.types.getTypeParser as (
    oid: number,
    format: string,
  ) => (value: string) => unknown;
  return oid === INT8_OID && format === "text" ? Number : find(oid, format);
}

async function waitForServer(
  pool: pg.Pool,
  connectionString: string,
  { clock, log, signal }: OpenDatabaseOptions,
): Promise<void> {
  const startedAtMs = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { rows } = await pool.query<{ version: string }>(
        "select current_setting('server_version_num') as version",
      );
      checkVersion(Number(rows[0]?.version), connectionString);
      return;
    } catch (error) {
      const detail = { where: addressOf(connectionString), got: reasonOf(error) };
      if (!isConnectionLoss(error)) {
        throw error instanceof AppError
          ? error
          : unavailableForGood("The database refuses the connection", detail, error);
      }
      if (performance.now() - startedAtMs > FIRST_CONTACT_TIMEOUT_MS) {
        throw unavailableForNow("The database cannot be reached", detail, error);
      }
      if (attempt === 1) {
        log.warn(detail, "The database does not answer yet; waiting for it");
      }
      await clock.wait(FIRST_CONTACT_PAUSE_MS, signal);
    }
  }
}

function checkVersion(versionNumber: number, connectionString: string): void {
  const major = Math.floor(versionNumber / 10_000);
  if (!(major >= MINIMUM_VERSION)) {
    throw unavailableForGood("The database server is too old", {
      where: addressOf(connectionString),
      expected: `PostgreSQL ${String(MINIMUM_VERSION)} or newer`,
      got: `PostgreSQL ${String(major)}`,
    });
  }
}

/** Host, port and database without user and password. */
function addressOf(connectionString: string): string {
  try {
    const { host, pathname } = new URL(connectionString);
    return `${host}${pathname}`;
  } catch {
    return "the configured database.url";
  }
}

/** Waits for queries at work, but not for ever: a stopping server ends them anyway. */
async function closePool(pool: pg.Pool, clock: Clock, log: Log): Promise<void> {
  const done = new AbortController();
  const late = clock.wait(CLOSE_TIMEOUT_MS, done.signal).then(
    () => log.warn({}, "Database connections are still in use; they are cut"),
    () => undefined,
  );
  await Promise.race([pool.end(), late]);
  done.abort();
}
