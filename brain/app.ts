/** Puts the brain together: database, directory, intake, correlation, dispatch, API. */
import path from "node:path";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { uuidv7 } from "uuidv7";
import type { BrainConfig, Directory } from "../config/index.ts";
import packageJson from "../package.json" with { type: "json" };
import { type Clock, findEventType, PermanentError } from "../protocol/index.ts";
import { openAccountDoor } from "./account-door.ts";
import {
  addRoutes,
  addSignedRoutes,
  answerUnknown,
  auditRoutes,
  type BrainMetrics,
  capRoutes,
  caseRoutes,
  createEvidenceReader,
  createMetrics,
  createOperatorSessions,
  createServer,
  createStreamHub,
  figuresRoutes,
  healthRoutes,
  isLoopbackAddress,
  type OperatorSessions,
  quarantineRoutes,
  queueRoutes,
  type RouteEntry,
  serveConsole,
  type StreamHub,
  streamRoutes,
  townRoutes,
} from "./api/index.ts";
import { createSealer } from "./audit/index.ts";
import { DEFAULT_CALENDAR, followCalendar, HUB_DEPARTMENT } from "./cases/index.ts";
import { type Casework, createCasework } from "./casework/index.ts";
import {
  createSecretBox,
  DIRECTORY_CHANNEL,
  type DirectoryBook,
  importDirectory,
  loadDirectoryBook,
  loadSecretKey,
  parseWebhookSecret,
  readOperatorKey,
  type SecretBox,
  signMessage,
  startTown,
  type TownHolder,
} from "./directory/index.ts";
import {
  acknowledgementRoutes,
  createDispatcher,
  createNetworkGuard,
  createWebhookPoster,
  deliveryRoutes,
  type Dispatcher,
  runSubscribers,
  type SubscriberInput,
  subscriptionRoutes,
  type WebhookPoster,
} from "./dispatch/index.ts";
import {
  acceptReport,
  createInboxDepth,
  createInboxWorker,
  eventRoutes,
  evidenceRoutes,
  heartbeatRoutes,
  type InboxDepth,
  type InboxWorker,
  openEvidenceFiles,
} from "./intake/index.ts";
import { type JobHandler, type Jobs, openJobs } from "./jobs/index.ts";
import { createReports } from "./reports/index.ts";
import {
  type CaseworkDeps,
  type Database,
  migrate,
  openDatabase,
  STREAM_CHANNEL,
} from "./store/index.ts";

export interface BrainInput {
  readonly config: BrainConfig;
  readonly directory: Directory;
  readonly clock: Clock;
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
  readonly log: Logger;
  /** Aborting it ends a start that is still under way. */
  readonly signal?: AbortSignal;
}

export interface Brain {
  /** Where it listens. */
  readonly url: string;
  /** Everything it answers, with what each asks for. */
  readonly routes: readonly RouteEntry[];
  /** Finishes what is in hand, then ends everything it started. */
  close(): Promise<void>;
}

const CONSOLE_DIR = path.resolve(import.meta.dirname, "../dist/console");
const RECONCILE_MS = 5_000;
type Closer = () => void | Promise<void>;

const CORRELATE_JOB = "correlate";
const DELIVER_JOB = "deliver";

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

/** Everything that the parts are made of. */
interface Parts extends BrainInput {
  readonly database: Database;
  readonly book: DirectoryBook;
  readonly town: TownHolder;
  readonly box: SecretBox;
  readonly sessions: OperatorSessions;
  readonly jobs: Jobs;
  readonly depth: InboxDepth;
  readonly hub: StreamHub;
  readonly metrics: BrainMetrics;
  readonly secretKey: Buffer;
  readonly caseworkDeps: CaseworkDeps;
  readonly closing: AbortSignal;
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
  const town = await openTownOf(input, database);
  const secretKey = await loadSecretKey(config.security.secretKeyFile);
  const box = createSecretBox(secretKey);
  const book = await openDirectory(input, database, box);
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
    sessions: createOperatorSessions({ clock, secretKey, operatorKey }),
    hub: createStreamHub(),
    metrics: createMetrics(depth.current),
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
  { directory, clock }: BrainInput,
  { db }: Database,
  box: SecretBox,
): Promise<DirectoryBook> {
  await importDirectory({ db, directory, box, clock, newId: uuidv7 });
  return loadDirectoryBook(db, box, clock);
}

/** The town, read again whenever an import says so and whenever the listener is back. */
async function openTownOf(
  { config, clock, log }: BrainInput,
  database: Database,
): Promise<TownHolder> {
  const { db } = database;
  const town = await startTown({ db, clock, log, newId: uuidv7, folder: config.town });
  await database.listen(DIRECTORY_CHANNEL, () => {
    town.reload().catch((error: unknown) => {
      log.warn({ reason: (error as Error).message }, "the town could not be read again");
    });
  });
  return town;
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

/** What moves events to departments behind the door. */
interface Flow {
  readonly worker: InboxWorker;
  readonly casework: Casework;
  /** These endpoints have something new to receive. */
  wake(endpointIds: readonly string[]): void;
  /** Starts to work; `baseUrl` is written into messages. */
  open(baseUrl: string): Promise<void>;
  close(): Promise<void>;
}

function createFlow(parts: Parts): Flow {
  const { config, database, clock, log, book, town, jobs, depth } = parts;
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  let dispatcher: Dispatcher | undefined;
  const poster = createWebhookPoster({
    clock,
    guard: createNetworkGuard(config.dispatch.allowedNetworks),
    timeoutMs: config.dispatch.timeoutMs,
    maxSockets: config.dispatch.lane,
  });
  const worker = createInboxWorker({
    db: database.db,
    clock,
    log,
    depth,
    newId: uuidv7,
    filing: config.filing,
    findEndpoint: (code) =>
      town.current().hasDepartment(code) ? book.endpointOf(code) : undefined,
    cameraName: (nodeId, cameraId) => book.findCamera(nodeId, cameraId)?.name,
    onDeliveries: (endpointIds) => dispatcher?.wake(endpointIds),
    work: parts.caseworkDeps.work,
    cameraGraph: () => town.current().cameraGraph,
    locate: (event) => town.current().locateEvent(event),
    correlation: {
      stormLimit: config.correlation.stormPerMinute,
      lateAfterMs: config.correlation.lateAfterMin * 60_000,
    },
  });
  const correlate = (): Promise<void> => {
    worker.wake();
    return Promise.resolve();
  };
  const sealer = createSealer({ db: database.db, clock, log });
  const casework = createCasework({
    ...parts.caseworkDeps,
    ...{ db: database.db, clock, log, newToken: uuidv7 },
    secretKey: parts.secretKey,
    checkEndpoint: book.checkEndpoint,
    coDepartmentsOf: (code) => findEventType(code)?.co ?? [],
    onDeliveries: (endpointIds) => dispatcher?.wake(endpointIds),
  });
  jobs.define(CORRELATE_JOB, correlate, { concurrency: 1 });
  const deliver: JobHandler = (data) => {
    dispatcher?.wake([String(data["endpointId"])]);
    return Promise.resolve();
  };
  jobs.define(DELIVER_JOB, deliver, { concurrency: 4 });
  return {
    worker,
    casework,
    wake: (endpointIds) => dispatcher?.wake(endpointIds),
    open: async (baseUrl) => {
      dispatcher = openDispatcher(parts, poster, baseUrl);
      await worker.reconcile();
      running.push(worker.run(stopping.signal));
      running.push(sealer.run(stopping.signal));
      running.push(casework.timers.run(stopping.signal));
      running.push(runSubscribers(subscriberInput(parts, poster), stopping.signal));
      running.push(reconcileForEver(parts, [worker, dispatcher, casework.timers], stopping.signal));
    },
    close: async () => {
      stopping.abort();
      await Promise.all(running);
      await dispatcher?.close();
      poster.close();
    },
  };
}

/** A subscription's secret is bound to its name. */
const subscriptionOwner = (name: string): string => `subscription:${name}`;

function subscriberInput(
  { config, database, clock, log, box, hub }: Parts,
  poster: WebhookPoster,
): SubscriberInput {
  return {
    ...{ db: database.db, clock, log, poster, newId: uuidv7 },
    timeoutMs: config.dispatch.timeoutMs,
    changed: hub.changed,
    sign: (sealed, name, id, atS, body) => {
      const owner = subscriptionOwner(name);
      return signMessage(parseWebhookSecret(box.open(sealed, owner), owner), id, atS, body);
    },
  };
}

function openDispatcher(
  { config, database, clock, random, log, book, jobs, metrics, caseworkDeps }: Parts,
  poster: ReturnType<typeof createWebhookPoster>,
  baseUrl: string,
): Dispatcher {
  return createDispatcher({
    db: database.db,
    clock,
    random,
    newId: uuidv7,
    log,
    directory: book,
    poster,
    casework: caseworkDeps,
    baseUrl,
    lane: config.dispatch.lane,
    timeoutMs: config.dispatch.timeoutMs,
    observe: metrics.observeAttempt,
    scheduleRetry: (claim, runAt) => {
      const job = {
        id: `${claim.id}.${claim.attempt}`,
        data: { endpointId: claim.endpointId },
        runAt,
      };
      // A hint that cannot be left is made up for by the reconciler.
      jobs.add(DELIVER_JOB, job).catch((error: unknown) => {
        log.warn({ reason: (error as Error).message }, "a retry waits for the reconciler");
      });
    },
  });
}

/** PostgreSQL says what is due; whatever a lost job or a crash left behind is found here. */
async function reconcileForEver(
  { clock, log }: Parts,
  parts: readonly { reconcile(): Promise<void> }[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await Promise.all(parts.map((part) => part.reconcile()));
    } catch (error) {
      log.warn({ reason: (error as Error).message }, "the reconciler waits for the database");
    }
    await clock.wait(RECONCILE_MS, signal).catch(() => undefined);
  }
}

async function createDoor(
  parts: Parts,
  { worker, casework, wake }: Flow,
): Promise<FastifyInstance> {
  const { config, database, clock, log, book, depth, metrics, jobs } = parts;
  const { db } = database;
  const { version } = packageJson;
  const baseUrl = (): string =>
    config.server.publicUrl?.replace(/\/+$/, "") ?? addressOf(app, config);
  const accounts = await openAccountDoor({ ...parts, baseUrl });
  const { trustedProxies } = config.server;
  const app = await createServer({ log, version, trustedProxies, ...accounts.guard });
  const identifyReader = createEvidenceReader({ db, clock, checkEndpoint: book.checkEndpoint });
  const files = await openEvidenceFiles(config.evidence.dir);
  const onAccepted = (): void => {
    worker.wake();
    jobs.add(CORRELATE_JOB, { id: "inbox", data: {} }).catch((error: unknown) => {
      log.debug({ reason: (error as Error).message }, "no job for the inbox");
    });
  };
  const { maxBytes } = config.evidence;
  const count = metrics.countResults;
  await addSignedRoutes(app, [
    eventRoutes({ db, clock, directory: book, depth, limits: config.intake, onAccepted, count }),
    evidenceRoutes({ db, clock, directory: book, files, maxBytes, identifyReader }),
    heartbeatRoutes({ db, clock, directory: book }),
    acknowledgementRoutes({
      ...{ db, clock, casework: parts.caseworkDeps },
      checkEndpoint: book.checkEndpoint,
    }),
    ...casework.signedRoutes,
  ]);
  const reports = createReports({
    ...{ db, clock, newId: uuidv7, town: parts.town.current, secretKey: parts.secretKey },
    ...{ accept: acceptReport, seal: parts.box.seal, open: parts.box.open },
    onAccepted: () => {
      depth.add(1);
      onAccepted();
    },
    writePhoto: files.write,
    identify: accounts.guard.door.identify,
    maxAgeH: config.intake.maxAgeH,
    command: casework.commandAsReporter,
  });
  await addRoutes(app, [
    ...reports.routes,
    caseRoutes({ db, clock }),
    ...casework.routes,
    quarantineRoutes({ db }),
    healthRoutes({ db, clock, version, registry: metrics.registry }),
    ...accounts.routes,
    auditRoutes({ db }),
    capRoutes({ db, clock }),
    figuresRoutes({
      ...{ db, clock },
      timeZone: () => parts.town.current().record.settings.timeZone,
    }),
    queueRoutes({ db, clock }),
    townRoutes({ db, town: parts.town.current }),
    deliveryRoutes({ db, clock, wake }),
    subscriptionRoutes({
      ...{ db, clock, newId: uuidv7 },
      seal: (secret, name) => parts.box.seal(secret, subscriptionOwner(name)),
    }),
    streamRoutes({
      db,
      clock,
      log,
      version,
      hub: parts.hub,
      closing: parts.closing,
      onClients: metrics.streamClients,
      onLagging: metrics.countClosedClient,
    }),
  ]);
  answerUnknown(app, await serveConsole(app, CONSOLE_DIR));
  return app;
}

async function listen(app: FastifyInstance, config: BrainConfig): Promise<string> {
  const { host, port } = config.server;
  try {
    await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
      throw new PermanentError(
        "PORT_IN_USE",
        "The brain's port is taken by another program",
        { where: `${host}:${port}`, expected: "a free port: set server.port or PORT" },
        error,
      );
    }
    throw error;
  }
  return addressOf(app, config);
}

function addressOf(app: FastifyInstance, { server }: BrainConfig): string {
  const { host, port } = server;
  const address = app.server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const shown = isEverywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${shown}:${bound}`;
}
