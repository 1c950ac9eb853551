/** Opens the outbox's database: one process only, fsync on every commit, corruption set aside. */
import fs from "node:fs";
import path from "node:path";
import Database from "libsql";
import { AppError, formatTime, PermanentError, TransientError } from "../../protocol/index.ts";
import type { Clock } from "../../protocol/index.ts";
import type { UplinkLog } from "./log.ts";

export const OUTBOX_FILE = "outbox.db";
export const EVIDENCE_FOLDER = "evidence";
const SCHEMA_VERSION = 1;

const SCHEMA = `
  create table event (
    seq integer primary key autoincrement,
    id text not null unique,
    camera text not null,
    phase text not null,
    body text not null,
    bytes integer not null,
    at integer not null
  );
  create index event_update on event (seq) where phase = 'update';
  create table evidence (
    event text not null,
    sha256 text not null,
    path text not null,
    bytes integer not null,
    phase text not null,
    ready integer not null default 0,
    uploaded integer not null default 0,
    primary key (event, sha256)
  );
  create index evidence_sha256 on evidence (sha256);
  create index evidence_ready on evidence (ready);
  create index evidence_update on evidence (phase) where phase = 'update';
  create table rejected (
    id text primary key,
    camera text not null,
    body text not null,
    problem text not null,
    at integer not null
  );
  create table meta (camera text primary key, sequence integer not null);
  pragma user_version = ${SCHEMA_VERSION};
`;

/** The connection, with each statement prepared once. */
export class OutboxDatabase {
  readonly #connection: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(connection: Database.Database) {
    this.#connection = connection;
  }

  prepare(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      return known;
    }
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Runs `work` in one transaction; what it throws undoes everything. */
  transaction<T>(where: string, work: () => T): T {
    const connection = this.#connection;
    try {
      connection.exec("begin immediate");
      const result = work();
      connection.exec("commit");
      return result;
    } catch (error) {
      if (connection.inTransaction) {
        connection.exec("rollback");
      }
      throw translate(error, where);
    }
  }

  close(): void {
    if (this.#connection.open) {
      release(this.#connection);
    }
  }
}

export interface OpenedDatabase {
  readonly db: OutboxDatabase;
  /** Where a corrupt database was moved to, if there was one. */
  readonly movedAside: string | undefined;
}

/**
 * @throws PermanentError SETUP_FAILED when another process holds the data directory, or a newer
 * version of the program wrote it.
 */
export function openDatabase(dataDir: string, clock: Clock, log: UplinkLog): OpenedDatabase {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = path.join(dataDir, OUTBOX_FILE);
  try {
    return { db: openFile(file), movedAside: undefined };
  } catch (error) {
    if (!isCorrupt(error)) {
      throw translate(error, file);
    }
    const movedAside = moveAside(dataDir, clock);
    log.error(
      { file, movedAside, reason: (error as Error).message },
      "the outbox is corrupt: it was moved aside with its pictures, events in it were not sent",
    );
    try {
      return { db: openFile(file), movedAside };
    } catch (second) {
      throw translate(second, file);
    }
  }
}

function openFile(file: string): OutboxDatabase {
  const db = new Database(file);
  try {
    // The exclusive lock belongs to the kernel: it ends with the process, however that dies.
    // Taken before WAL is entered, it also keeps the index of the log out of shared memory.
    db.exec("pragma locking_mode = exclusive");
    db.exec("begin immediate; commit");
    db.prepare("pragma journal_mode = wal").all();
    // FULL: a commit returns after the log has been fsynced.
    db.exec("pragma synchronous = full");
    migrate(db, file);
    const check = db.prepare("pragma quick_check(1)").all() as { quick_check: string }[];
    if (check[0]?.quick_check !== "ok") {
      throw new CorruptDatabase(check[0]?.quick_check ?? "no answer of the check");
    }
    return new OutboxDatabase(db);
  } catch (error) {
    release(db);
    throw error;
  }
}

function migrate(db: Database.Database, file: string): void {
  const row = db.prepare("pragma user_version").get() as { user_version: number };
  if (row.user_version === 0) {
    db.exec(`begin immediate; ${SCHEMA} commit`);
  } else if (row.user_version !== SCHEMA_VERSION) {
    throw new PermanentError("SETUP_FAILED", "The outbox was written by another version", {
      where: file,
      expected: `schema version ${String(SCHEMA_VERSION)}`,
      got: String(row.user_version),
    });
  }
}

/** The database could be opened, but its own check finds it damaged. */
class CorruptDatabase extends Error {}

function sqliteCode(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : "";
}

function isCorrupt(error: unknown): boolean {
  return error instanceof CorruptDatabase || /^SQLITE_(NOTADB|CORRUPT)/.test(sqliteCode(error));
}

/** Pictures go with the events that name them: they may be all that a human can recover. */
function moveAside(dataDir: string, clock: Clock): string {
  const suffix = `.corrupt-${formatTime(clock.now()).replaceAll(":", "")}`;
  const names = [OUTBOX_FILE, `${OUTBOX_FILE}-wal`, `${OUTBOX_FILE}-shm`, EVIDENCE_FOLDER];
  for (const name of names) {
    const from = path.join(dataDir, name);
    if (fs.existsSync(from)) {
      fs.renameSync(from, freeName(from + suffix));
    }
  }
  return path.join(dataDir, OUTBOX_FILE + suffix);
}

function freeName(wanted: string): string {
  let name = wanted;
  for (let count = 2; fs.existsSync(name); count += 1) {
    name = `${wanted}-${String(count)}`;
  }
  return name;
}

/**
 * The driver closes a connection only when its last statement is garbage; until then the lock
 * would stay. So the lock is given up first, which exclusive mode allows outside WAL only.
 */
function release(connection: Database.Database): void {
  try {
    connection.exec("pragma journal_mode = delete");
    connection.exec("pragma locking_mode = normal");
    connection.exec("select count(*) from sqlite_schema");
  } catch {
    // A file that is no database, or locked by another, holds no lock of ours worth keeping.
  }
  connection.close();
}

/** Turns the database's complaints into errors with a code of ours. */
export function translate(error: unknown, where: string): Error {
  if (error instanceof AppError) {
    return error;
  }
  const code = sqliteCode(error);
  const got = error instanceof Error ? error.message : String(error);
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    const detail = { where, expected: "one process per data directory" };
    return new PermanentError(
      "SETUP_FAILED",
      "The data directory is in use by another process",
      detail,
      error,
    );
  }
  if (code === "SQLITE_FULL") {
    return new TransientError("OUTBOX_FULL", "The disk of the outbox is full", { where }, error);
  }
  return new TransientError(
    "DATABASE_UNAVAILABLE",
    "The outbox's database failed",
    { where, got },
    error,
  );
}
