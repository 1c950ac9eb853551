/** `npm run directory -- import | export | check <folder>`: the town's files and the database. */
import { parseArgs } from "node:util";
import { uuidv7 } from "uuidv7";
import { type BrainConfig, loadBrainConfig } from "../config/index.ts";
import { AppError, PermanentError, systemClock } from "../protocol/index.ts";
import {
  describeProblem,
  importTown,
  loadTownFolder,
  parseTown,
  printTown,
  type ReadTown,
  readTown,
  saveTownFolder,
  todayOf,
  type TownImport,
  TownInvalidError,
} from "./directory/index.ts";
import { type Database, migrate, openDatabase, silentLog, transaction } from "./store/index.ts";

const USAGE = `npm run directory -- check FOLDER
npm run directory -- import FOLDER --config brain.yaml [--dry-run] [--force]
npm run directory -- export FOLDER --config brain.yaml

  check      reads the town's files and tells all that is wrong with them; needs no database
  import     brings them into the brain's database, all or nothing; the same files again change
             nothing; a running brain reads the town again by itself
  export     writes the files, byte for byte as an import of them would find them
  --config   the brain's configuration; DATABASE_URL in the environment names another database.
             With the database inside, stop the brain first
  --dry-run  does the whole import and takes it back
  --force    gives open tasks of departments that leave to the hub ZZ, instead of refusing
`;

interface Options {
  readonly config: string | undefined;
  readonly dryRun: boolean;
  readonly force: boolean;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: "string", short: "c" },
      "dry-run": { type: "boolean", default: false },
      force: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, folder, ...rest] = positionals;
  if (values.help || command === undefined || folder === undefined || rest.length > 0) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 2;
  }
  const options = { config: values.config, dryRun: values["dry-run"], force: values.force };
  switch (command) {
    case "check":
      await readFolder(folder);
      return 0;
    case "import":
      await importFolder(folder, options);
      return 0;
    case "export":
      await exportFolder(folder, options);
      return 0;
    default:
      process.stderr.write(`Expected check, import or export; got ${command}\n\n${USAGE}`);
      return 2;
  }
}

async function readFolder(folder: string): Promise<ReadTown> {
  const read = parseTown(await loadTownFolder(folder), todayOf(systemClock));
  for (const warning of read.warnings) {
    process.stderr.write(`${describeProblem(warning)}\n`);
  }
  const counts = Object.entries(read.record).flatMap(([name, list]) =>
    Array.isArray(list) ? [`${String(list.length)} ${name}`] : [],
  );
  process.stdout.write(`The files are sound: ${counts.join(", ")}\n`);
  return read;
}

async function importFolder(folder: string, options: Options): Promise<void> {
  const { record } = await readFolder(folder);
  await withDatabase(options, async ({ db }) => {
    const result = await importTown({
      db,
      record,
      clock: systemClock,
      newId: uuidv7,
      actor: "operator:command-line",
      force: options.force,
      dryRun: options.dryRun,
    });
    process.stdout.write(describeImport(result));
  });
}

function describeImport({ outcome, version, changes, handedOver }: TownImport): string {
  const lines = changes.map(
    ({ file, added, removed }) => `  ${file}: ${String(added)} lines more, ${String(removed)} less`,
  );
  const tasks = handedOver.map((task) => `  ${task.caseNumber}: ${task.department} → ZZ`);
  const headline = {
    unchanged: `Nothing changed; version ${String(version)} stays in force`,
    imported: `Imported as version ${String(version)}`,
    tried: "Dry run: this is what an import would change; nothing was kept",
  }[outcome];
  return `${[
    headline,
    ...lines,
    ...(tasks.length > 0 ? ["Tasks given to the hub:", ...tasks] : []),
  ].join("\n")}\n`;
}

async function exportFolder(folder: string, options: Options): Promise<void> {
  await withDatabase(options, async ({ db }) => {
    const stored = await transaction(db, readTown, {
      clock: systemClock,
      isolation: "repeatable read",
    });
    if (stored === undefined) {
      throw new PermanentError("NOT_FOUND", "There is no town to export", {
        where: "the database",
        expected: "a town that was imported before",
      });
    }
    const texts = printTown(stored.record);
    await saveTownFolder(folder, texts);
    process.stdout.write(
      `Exported version ${String(stored.version)} as ${String(texts.size)} files to ${folder}\n`,
    );
  });
}

async function withDatabase(
  { config }: Options,
  work: (database: Database) => Promise<void>,
): Promise<void> {
  const database = await openDatabase({
    config: databaseOf(config),
    clock: systemClock,
    log: silentLog,
  });
  try {
    await migrate({ pool: database.pool, clock: systemClock, log: silentLog });
    await work(database);
  } finally {
    await database.close();
  }
}

function databaseOf(file: string | undefined): BrainConfig["database"] {
  const url = process.env["DATABASE_URL"];
  if (file === undefined && url === undefined) {
    throw new PermanentError("CONFIG_INVALID", "No database is named", {
      where: "command line",
      expected: "--config brain.yaml, or DATABASE_URL in the environment",
    });
  }
  const configured = file === undefined ? { dataDir: "" } : loadBrainConfig(file).database;
  return url === undefined ? configured : { ...configured, url };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof TownInvalidError) {
    process.stderr.write(`${error.problems.map(describeProblem).join("\n")}\n`);
  }
  const text = error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
  process.stderr.write(`\n${text}\n`);
  process.exitCode = 1;
}
