/** Puts the brain together: database, directory, intake, correlation, dispatch, API. */
import { uuidv7 } from "uuidv7";
import type { BrainConfig } from "../config/index.ts";
import { PermanentError } from "../protocol/index.ts";
import {
  createMetrics,
  createOperatorSessions,
  createStreamHub,
  isLoopbackAddress,
  type RouteEntry,
} from "./api/index.ts";
import { DEFAULT_CALENDAR, followCalendar, HUB_DEPARTMENT } from "./cases/index.ts";
import {
  createSecretBox,
  DIRECTORY_CHANNEL,
  type DirectoryBook,
  importDirectory,
  loadSecretKey,
  openDirectoryBook,
  readOperatorKey,
  type SecretBox,
  startTown,
  type TownHolder,
} from "./directory/index.ts";
import { createDoor, listen } from "./door.ts";
import { createFlow } from "./flow.ts";
import { createInboxDepth, openEvidenceFiles } from "./intake/index.ts";
import { openJobs } from "./jobs/index.ts";
import { createNodeWakeups, NODES_CHANNEL } from "./nodes/index.ts";
import type { BrainInput, Parts } from "./parts.ts";
import {
  type CaseworkDeps,
  type Database,
  migrate,
  openDatabase,
  STREAM_CHANNEL,
} from "./store/index.ts";

export type { BrainInput } from "./parts.ts";

export interface Brain {
  /** Where it listens. */
  readonly url: string;
  /** Everything it answers, with what each asks for. */
  readonly routes: readonly RouteEntry[];
  /** Finishes what is in hand, then ends everything it started. */
  close(): Promise<void>;
}

type Closer = () => void | Promise<void>;

/**
 * @throws PermanentError CONFIG_INVALID or PORT_IN_USE, AppError DATABASE_UNAVAILABLE; nothing
 * stays behind then.
 */
export async function startBrain(input: BrainInput): Promise<Brain> {
  const closers: Closer[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
      await closer();
    }
  };
  try {
    return { ...(await start(input, (closer) => closers.push(closer))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Started = Pick<Brain, "url" | "routes">;

async function start(input: BrainInput, onClose: (closer: Closer) => void): Promise<Started> {
  const { config, clock, log } = input;
  const operatorKey = await readDoorKey(config);
  const database = await openDatabase({
    config: config.database,
    clock,
    log,
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  });
  onClose(() => database.close());
  await migrate({ pool: database.pool, clock, log });
  const town = await startTown({ db: database.db, clock, log, newId: uuidv7, folder: config.town });
  const secretKey = await loadSecretKey(config.security.secretKeyFile);
  const box = createSecretBox(secretKey);
  const book = await openDirectory(input, database, box);
  await followDirectory(input, database, town, book);
  const { connectionString } = database;
  const jobs = await openJobs({ config: config.jobs, connectionString, clock, log });
  onClose(() => jobs.close());
  const closing = new AbortController();
  const depth = createInboxDepth();
  const parts: Parts = {
    ...input,
    database,
    book,
    box,
    town,
    jobs,
    depth,
    files: await openEvidenceFiles(config.evidence.dir),
    sessions: createOperatorSessions({ clock, secretKey, operatorKey }),
    hub: createStreamHub(),
    wakeups: createNodeWakeups(),
    metrics: createMetrics(depth.current, () => town.current().dueFilings(clock.now())),
    secretKey,
    caseworkDeps: caseworkDepsOf(book, town),
    closing: closing.signal,
  };
  const flow = createFlow(parts);
  onClose(() => flow.close());
  const app = await createDoor(parts, flow);
  onClose(() => app.close());
  onClose(() => closing.abort());
  await database.listen(STREAM_CHANNEL, parts.hub.notify);
  await database.listen(NODES_CHANNEL, parts.wakeups.notify);
  const url = await listen(app, config);
  await flow.open(config.server.publicUrl?.replace(/\/+$/, "") ?? url);
  return { url, routes: app.routeTable };
}

/** The operator key where one is needed; undefined where the brain is open to its machine only. */
async function readDoorKey({
  server,
  security,
  accounts,
}: BrainConfig): Promise<string | undefined> {
  const isOptional = accounts.enabled && security.operatorKeyFile === undefined;
  if (isOptional || (isLoopbackAddress(server.host) && !accounts.enabled)) {
    return undefined;
  }
  if (security.operatorKeyFile === undefined) {
    throw new PermanentError("CONFIG_INVALID", "An address beyond loopback needs a key", {
      where: "security.operatorKeyFile",
      expected: `the operator key, or accounts.enabled, because server.host is ${server.host}`,
      got: "nothing",
    });
  }
  return readOperatorKey(security.operatorKeyFile);
}

async function openDirectory(
  { directory, clock, log }: BrainInput,
  { db }: Database,
  box: SecretBox,
): Promise<DirectoryBook> {
  const differences = await importDirectory({ db, directory, box, clock, newId: uuidv7 });
  for (const { of, what } of differences) {
    log.warn({ of, what }, "the directory file differs from what administrators made of it");
  }
  return openDirectoryBook(db, box, clock);
}

/** Town and endpoints, read again whenever somebody changed them and when the listener is back. */
async function followDirectory(
  { log }: BrainInput,
  database: Database,
  town: TownHolder,
  book: DirectoryBook,
): Promise<void> {
  await database.listen(DIRECTORY_CHANNEL, (payload) => {
    const parts = payload === undefined ? [town, book] : payload === "endpoints" ? [book] : [town];
    Promise.all(parts.map((part) => part.reload())).catch((error: unknown) => {
      log.warn({ reason: (error as Error).message }, "the directory could not be read again");
    });
  });
}

function caseworkDepsOf(book: DirectoryBook, town: TownHolder): CaseworkDeps {
  const endpointOf = (code: string): string | undefined =>
    town.current().hasDepartment(code) ? book.endpointOf(code) : undefined;
  return {
    work: followCalendar(() => town.current().calendar ?? DEFAULT_CALENDAR),
    newId: uuidv7,
    findEndpoint: (code) => endpointOf(code) ?? book.endpointOf(HUB_DEPARTMENT),
  };
}
