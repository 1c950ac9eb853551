/** What moves events to departments behind the door: correlation, casework, dispatch, subscribers. */
import { uuidv7 } from "uuidv7";
import { type EpochMs, findEventType } from "../protocol/index.ts";
import { createSealer } from "./audit/index.ts";
import { routeBy } from "./cases/index.ts";
import { type Casework, createCasework, type Regrouping } from "./casework/index.ts";
import { parseWebhookSecret, signMessage } from "./directory/index.ts";
import {
  AddressRefusedError,
  type Broker,
  createBroker,
  createDispatcher,
  createNetworkGuard,
  createWebhookPoster,
  type Dispatcher,
  keepBrokerRow,
  type NetworkGuard,
  runSubscribers,
  type SubscriberInput,
  type WebhookPoster,
} from "./dispatch/index.ts";
import {
  createInboxWorker,
  type InboxWorker,
  mergeByOperator,
  type RegroupInput,
  splitByOperator,
} from "./intake/index.ts";
import type { JobHandler } from "./jobs/index.ts";
import { type Parts, subscriptionOwner } from "./parts.ts";
import { cleanPhoto } from "./reports/index.ts";
import { createRetention, type RetentionInput } from "./retention/index.ts";

const RECONCILE_MS = 5_000;
const DELIVER_JOB = "deliver";
/** Wakes the correlation. */
export const CORRELATE_JOB = "correlate";

export interface Flow {
  readonly worker: InboxWorker;
  readonly casework: Casework;
  /** These endpoints have something new to receive. */
  wake(endpointIds: readonly string[]): void;
  /** Posts as messages to departments are posted. */
  readonly post: WebhookPoster["post"];
  /** Why the brain may not post to an address; undefined where it may. */
  complaintAbout(url: string): Promise<string | undefined>;
  /** Starts to work; `baseUrl` is written into messages. */
  open(baseUrl: string): Promise<void>;
  close(): Promise<void>;
}

export function createFlow(parts: Parts): Flow {
  const { config, database, clock, log, book, jobs } = parts;
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  let dispatcher: Dispatcher | undefined;
  const { guard, poster, broker } = openOutward(parts);
  const wake = (endpointIds: readonly string[]): void => dispatcher?.wake(endpointIds);
  const worker = createWorker(parts, wake);
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
    pictures: { clean: cleanPhoto, write: parts.files.write, has: parts.files.has },
    coDepartmentsOf: (code, gridCode) => {
      const type = findEventType(code);
      const rule = parts.town.current().routeOf(code, gridCode);
      return type === undefined ? [] : routeBy(type, rule).co;
    },
    onDeliveries: wake,
    regrouping: regroupingOf(parts),
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
    wake,
    post: poster.post,
    complaintAbout: (url) => complaintAbout(guard, url),
    open: async (baseUrl) => {
      dispatcher = openDispatcher(parts, poster, baseUrl);
      await worker.reconcile();
      running.push(worker.run(stopping.signal));
      running.push(sealer.run(stopping.signal));
      running.push(createRetention(retentionInput(parts)).run(stopping.signal));
      running.push(casework.timers.run(stopping.signal));
      await keepBrokerRow(database.db, clock, uuidv7, config.mqtt?.url);
      running.push(runSubscribers(subscriberInput(parts, poster, broker), stopping.signal));
      running.push(reconcileForEver(parts, [worker, dispatcher], stopping.signal));
    },
    close: async () => {
      stopping.abort();
      await Promise.all(running);
      await dispatcher?.close();
      await broker?.close();
      poster.close();
    },
  };
}

/** What speaks to others over the network. */
function openOutward({ config, clock }: Parts) {
  const { timeoutMs, lane, allowedNetworks } = config.dispatch;
  const guard = createNetworkGuard(allowedNetworks);
  return {
    guard,
    poster: createWebhookPoster({ clock, guard, timeoutMs, maxSockets: lane }),
    broker:
      config.mqtt === undefined
        ? undefined
        : createBroker({
            config: { ...config.mqtt, clientId: config.mqtt.clientId ?? newClientId() },
            ...{ clock, timeoutMs },
          }),
  };
}

/** Another one for each replica and start, within the 23 characters that every broker takes. */
const newClientId = (): string => `brain-${uuidv7().replaceAll("-", "").slice(-16)}`;

/** A name that does not resolve now may do so later: a post says it then. */
async function complaintAbout(guard: NetworkGuard, url: string): Promise<string | undefined> {
  try {
    await guard.pin(new URL(url).hostname);
    return undefined;
  } catch (error) {
    return error instanceof AddressRefusedError ? error.message : undefined;
  }
}

function createWorker(
  { config, database, clock, log, book, town, depth, caseworkDeps }: Parts,
  onDeliveries: (endpointIds: readonly string[]) => void,
): InboxWorker {
  return createInboxWorker({
    db: database.db,
    clock,
    log,
    depth,
    newId: uuidv7,
    filing: config.filing,
    findEndpoint: (code) =>
      town.current().hasDepartment(code) ? book.endpointOf(code) : undefined,
    route: (type, gridCode) => routeBy(type, town.current().routeOf(type.code, gridCode)),
    cameraName: (nodeId, cameraId) => book.findCamera(nodeId, cameraId)?.name,
    onDeliveries,
    work: caseworkDeps.work,
    cameraGraph: () => town.current().cameraGraph,
    locate: (event) => town.current().locateEvent(event),
    correlation: {
      stormLimit: config.correlation.stormPerMinute,
      lateAfterMs: config.correlation.lateAfterMin * 60_000,
    },
  });
}

/** An operator's word on incidents, with what the correlation itself has at hand. */
function regroupingOf({ config, book, town, caseworkDeps }: Parts): Regrouping {
  const inputAt = (now: EpochMs): RegroupInput => ({
    ...caseworkDeps,
    now,
    route: (type, gridCode) => routeBy(type, town.current().routeOf(type.code, gridCode)),
    filing: config.filing,
    cameraName: (nodeId, cameraId) => book.findCamera(nodeId, cameraId)?.name,
  });
  return {
    merge: (tx, order, now) => mergeByOperator(tx, order, inputAt(now)),
    split: (tx, order, now) => splitByOperator(tx, order, inputAt(now)),
  };
}

function retentionInput({ config, database, clock, log, files, metrics }: Parts): RetentionInput {
  return {
    ...{ db: database.db, clock, log, files, config: config.retention },
    maxEventAgeH: config.intake.maxAgeH,
    observe: metrics.observeRetention,
  };
}

function subscriberInput(
  { config, database, clock, log, box, hub }: Parts,
  poster: WebhookPoster,
  broker: Broker | undefined,
): SubscriberInput {
  return {
    ...(broker === undefined ? {} : { broker }),
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
