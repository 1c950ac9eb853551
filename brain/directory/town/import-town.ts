/** Brings a town's files into the database, in one transaction or not at all. */
import { createHash } from "node:crypto";
import { type Kysely, sql, type Transaction } from "kysely";
import {
  type Clock,
  type EpochMs,
  PermanentError,
  type TownRecord,
} from "../../../protocol/index.ts";
import { appendAudit } from "../../audit/index.ts";
import { lockCases, type Schema, transaction } from "../../store/index.ts";
import { handOverToHub, type OpenTask, openTasksOf } from "./hand-over.ts";
import { printTown, type TownTexts } from "./town-files.ts";
import { readTown, writeTown } from "./town-store.ts";

/** PostgreSQL notifies it with the new version, so that every brain reads the town again. */
export const DIRECTORY_CHANNEL = "sesb_directory";
/** Open tasks that a refusal names. */
const NAMED_TASKS = 20;

export interface ImportTownInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly record: TownRecord;
  /** Who imports, for the audit: `operator:<id>` or `system`. */
  readonly actor: string;
  /** Why, where somebody changes something in the control room. */
  readonly reason?: string;
  /** From where, for the audit. */
  readonly address?: string;
  /** The version that was seen; another one in force refuses the import. */
  readonly expectedVersion?: number;
  /** Gives open tasks of departments that leave to the hub, instead of refusing. */
  readonly force?: boolean;
  /** Does everything and takes it back. */
  readonly dryRun?: boolean;
  /** Only where no town has been imported yet. */
  readonly onlyFirst?: boolean;
}

export interface FileChange {
  readonly file: string;
  /** Lines of the exported file. */
  readonly added: number;
  readonly removed: number;
}

export interface TownImport {
  readonly outcome: "unchanged" | "imported" | "tried";
  /** In force after this. */
  readonly version: number;
  readonly changes: readonly FileChange[];
  readonly handedOver: readonly OpenTask[];
}

/** Ends a dry run; carries what would have been. */
class TakenBack extends Error {
  readonly result: TownImport;

  constructor(result: TownImport) {
    super("dry run");
    this.result = result;
  }
}

/**
 * The same files again change nothing and make no version.
 *
 * @throws PermanentError DEPARTMENT_IN_USE when a department leaves that has open tasks, and
 * VERSION_STALE.
 */
export async function importTown(input: ImportTownInput): Promise<TownImport> {
  const work = async (tx: Transaction<Schema>): Promise<TownImport> => {
    const result = await importIn(tx, input);
    if (input.dryRun === true) {
      throw new TakenBack({ ...result, outcome: "tried" });
    }
    return result;
  };
  try {
    return await transaction(input.db, work, { clock: input.clock });
  } catch (error) {
    if (error instanceof TakenBack) {
      return error.result;
    }
    throw error;
  }
}

async function importIn(tx: Transaction<Schema>, wish: ImportTownInput): Promise<TownImport> {
  // Two imports wait for each other; readers do not wait.
  await sql`lock table directory_import in share row exclusive mode`.execute(tx);
  const before = await readTown(tx);
  requireSeen(before?.version ?? 0, wish.expectedVersion);
  const { routing = before?.record.routing ?? [] } = wish.record;
  const input = { ...wish, record: { ...wish.record, routing } };
  const texts = printTown(input.record);
  const changes = changesOf(
    before === undefined ? new Map<string, string>() : printTown(before.record),
    texts,
  );
  if (before !== undefined && (changes.length === 0 || input.onlyFirst === true)) {
    return { outcome: "unchanged", version: before.version, changes: [], handedOver: [] };
  }
  const now = input.clock.now();
  await writeTown(tx, input.record);
  // Only now, so that cases wait for the last and short part alone; nothing read before is of cases.
  await lockCases(tx);
  const handedOver = await leavingTasks(tx, input);
  await handOverToHub(tx, handedOver, { ...input, now });
  const version = (before?.version ?? 0) + 1;
  await recordImport(tx, input, version, digestOf(texts), now);
  await sql`select pg_notify(${DIRECTORY_CHANNEL}, ${String(version)})`.execute(tx);
  return { outcome: "imported", version, changes, handedOver };
}

function requireSeen(version: number, expected: number | undefined): void {
  if (expected !== undefined && expected !== version) {
    throw new PermanentError("VERSION_STALE", "The directory has changed since it was looked at", {
      where: "expectedVersion",
      expected: String(version),
      got: String(expected),
    });
  }
}

async function leavingTasks(
  tx: Transaction<Schema>,
  { record, force }: ImportTownInput,
): Promise<OpenTask[]> {
  const staying = new Set<string>(record.departments.map(({ code }) => code));
  const named = await tx.selectFrom("task").select("department").distinct().execute();
  const leaving = named.map(({ department }) => department).filter((code) => !staying.has(code));
  const tasks = await openTasksOf(tx, leaving);
  if (tasks.length > 0 && force !== true) {
    const names = tasks
      .slice(0, NAMED_TASKS)
      .map((task) => `${task.department} ${task.caseNumber} (${task.role}, ${task.state})`);
    const more = tasks.length > NAMED_TASKS ? ` and ${tasks.length - NAMED_TASKS} more` : "";
    throw new PermanentError("DEPARTMENT_IN_USE", "A department with open tasks would be removed", {
      where: "departments.csv",
      expected: `${[...new Set(tasks.map((task) => task.department))].join(", ")} to stay, or --force to give the tasks to the hub`,
      got: `open tasks: ${names.join("; ")}${more}`,
    });
  }
  return tasks;
}

async function recordImport(
  tx: Transaction<Schema>,
  { record, actor, reason, address }: ImportTownInput,
  version: number,
  digest: string,
  now: EpochMs,
): Promise<void> {
  const counts = Object.fromEntries(
    Object.entries(record).flatMap(([name, list]) =>
      Array.isArray(list) ? [[name, list.length] as const] : [],
    ),
  );
  await tx
    .insertInto("directory_import")
    .values({
      version,
      imported_at: new Date(now),
      actor,
      reason: reason ?? null,
      digest,
      settings: JSON.stringify(record.settings),
      counts: JSON.stringify(counts),
    })
    .execute();
  await appendAudit(tx, [
    {
      at: now,
      actor,
      action: "directory.import",
      subject: `directory:${String(version)}`,
      ...(address === undefined ? {} : { address }),
      facts: { digest, ...counts, ...(reason === undefined ? {} : { reason }) },
    },
  ]);
}

function digestOf(texts: TownTexts): string {
  const hash = createHash("sha256");
  for (const [file, text] of texts) {
    hash.update(`${file}\n${Buffer.byteLength(text)}\n${text}`);
  }
  return hash.digest("hex");
}

function changesOf(before: TownTexts, after: TownTexts): FileChange[] {
  return [...after].flatMap(([file, text]): FileChange[] => {
    const old = before.get(file) ?? "";
    if (old === text) {
      return [];
    }
    const [oldLines, newLines] = [new Set(lines(old)), new Set(lines(text))];
    const added = [...newLines].filter((line) => !oldLines.has(line)).length;
    const removed = [...oldLines].filter((line) => !newLines.has(line)).length;
    return [{ file, added, removed }];
  });
}

/** The comma that parts two features belongs to neither. */
function lines(text: string): string[] {
  return text.split("\n").map((line) => line.replace(/,$/, ""));
}
