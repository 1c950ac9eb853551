/**
 * Brings a database to the newest schema: plain SQL files, in order, each in a transaction of its
 * own and recorded with its digest. What was once applied never changes: a correction is a new file.
 * Numbers rise and may leave gaps: parts that do not build on each other may come in any order.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Pool, PoolClient } from "pg";
import { type Clock, PermanentError } from "../../protocol/index.ts";
import type { Log } from "./log.ts";
import { isConnectionLoss } from "./transaction.ts";
import { reasonOf, unavailableForGood, unavailableForNow } from "./unavailable.ts";

export const MIGRATIONS_DIR = path.join(import.meta.dirname, "migrations");

/** Any fixed number will do; two brains that start together must only use the same one. */
const LOCK_KEY = 715_202_611;
const FILE_NAME = /^(\d{4})-([a-z0-9-]+)\.sql$/;

export interface MigrateOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly log: Log;
  readonly dir?: string;
}

interface Migration {
  readonly version: number;
  readonly file: string;
  readonly sql: string;
  readonly sha256: string;
}

/**
 * @returns how many migrations were applied by this call.
 * @throws PermanentError DATABASE_UNAVAILABLE when the history differs from the files, the database
 * is newer than the program, or a file fails; the database stays at the last complete file.
 */
export async function migrate({
  pool,
  clock,
  log,
  dir = MIGRATIONS_DIR,
}: MigrateOptions): Promise<number> {
  const migrations = await readMigrations(dir);
  const client = await pool.connect().catch((error: unknown) => {
    throw unavailableForNow("The database cannot be reached", { got: reasonOf(error) }, error);
  });
  let lost: Error | undefined;
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK_KEY]);
    await client.query(
      `create table if not exists schema_migration (
         version integer primary key,
         file text not null,
         sha256 text not null,
         applied_at bigint not null
       )`,
    );
    const pending = await findPending(client, migrations);
    for (const migration of pending) {
      await apply(client, migration, clock);
      log.info({ file: migration.file }, "The database schema was brought on");
    }
    return pending.length;
  } catch (error) {
    lost = isConnectionLoss(error) ? (error as Error) : undefined;
    throw lost === undefined
      ? error
      : unavailableForNow("The database went away", { got: reasonOf(error) }, error);
  } finally {
    if (lost === undefined) {
      await client.query("select pg_advisory_unlock($1)", [LOCK_KEY]);
    }
    client.release(lost);
  }
}

async function readMigrations(dir: string): Promise<readonly Migration[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(".sql")).sort();
  const migrations = await Promise.all(
    names.map(async (file): Promise<Migration> => {
      const version = Number(FILE_NAME.exec(file)?.[1]);
      // A checkout with other line ends is still the same migration.
      const sql = (await readFile(path.join(dir, file), "utf8")).replaceAll("\r\n", "\n");
      const sha256 = createHash("sha256").update(sql).digest("hex");
      return { version, file, sql, sha256 };
    }),
  );
  migrations.forEach((migration, index) => {
    const before = migrations[index - 1]?.version ?? 0;
    if (!(migration.version > before)) {
      throw unavailableForGood("The migrations do not form a sequence", {
        where: path.join(dir, migration.file),
        expected: `a name such as ${String(before + 1).padStart(4, "0")}-title.sql, each number once`,
        got: migration.file,
      });
    }
  });
  return migrations;
}

async function findPending(
  client: PoolClient,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  const { rows } = await client.query<{ version: number; file: string; sha256: string }>(
    "select version, file, sha256 from schema_migration order by version",
  );
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  rows.forEach((row) => {
    const migration = known.get(row.version);
    if (migration === undefined) {
      throw unavailableForGood("The database is newer than this program", {
        where: row.file,
        expected: `at most version ${String(migrations.at(-1)?.version ?? 0)}`,
        got: `version ${String(row.version)}`,
      });
    }
    if (row.sha256 !== migration.sha256) {
      throw unavailableForGood("A migration was changed after it had been applied", {
        where: migration.file,
        expected: `sha256 ${row.sha256}`,
        got: `sha256 ${migration.sha256}`,
      });
    }
  });
  const applied = new Set(rows.map(({ version }) => version));
  return migrations.filter(({ version }) => !applied.has(version));
}

async function apply(client: PoolClient, migration: Migration, clock: Clock): Promise<void> {
  await client.query("begin");
  try {
    await client.query(migration.sql);
    await client.query(
      "insert into schema_migration (version, file, sha256, applied_at) values ($1, $2, $3, $4)",
      [migration.version, migration.file, migration.sha256, clock.now()],
    );
    await client.query("commit");
  } catch (error) {
    if (isConnectionLoss(error)) {
      throw error;
    }
    await client.query("rollback");
    const position = Number((error as { position?: string }).position);
    const line = migration.sql.slice(0, position).split("\n").length;
    throw new PermanentError(
      "DATABASE_UNAVAILABLE",
      "A migration failed",
      {
        where: Number.isInteger(position) ? `${migration.file}:${String(line)}` : migration.file,
        got: reasonOf(error),
      },
      error,
    );
  }
}
