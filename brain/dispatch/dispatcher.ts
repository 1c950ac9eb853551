/**
 * A lane per endpoint: a department that hangs holds up its own deliveries and nobody else's.
 * Woken by new deliveries, by jobs at the time of a retry, and by the reconciler.
 */
import type { Kysely } from "kysely";
import { type Clock, type EpochMs, TransientError } from "../../protocol/index.ts";
import {
  type CaseworkDeps,
  createPace,
  isConnectionLoss,
  type Log,
  type Pace,
  reach,
  type Schema,
} from "../store/index.ts";
import { type AttemptRecorder, createAttemptRecorder } from "./attempt-recorder.ts";
import { type ClaimedDelivery, claimDeliveries, findDueEndpoints } from "./claim-deliveries.ts";
import type { AttemptResult, WebhookPoster } from "./post-webhook.ts";
import type { Attempted, Recorded } from "./record-attempts.ts";
import { renderWebhook } from "./render-webhook.ts";

/** What dispatch needs of the directory. */
export interface EndpointDirectory {
  findEndpoint(
    id: string,
  ): { readonly id: string; readonly department: string; readonly url: string } | undefined;
  sign(endpointId: string, id: string, timestampS: number, body: Buffer): string;
}

export interface DispatcherInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly log: Log;
  readonly directory: EndpointDirectory;
  readonly poster: WebhookPoster;
  readonly casework: CaseworkDeps;
  /** Address of the brain as departments reach it, without a closing slash. */
  readonly baseUrl: string;
  /** Requests in flight to one endpoint. */
  readonly lane: number;
  readonly timeoutMs: number;
  /** Asks for a wake-up of the endpoint at that time. */
  readonly scheduleRetry: (claim: ClaimedDelivery, at: EpochMs) => void;
  readonly observe: (department: string, result: AttemptResult) => void;
}

export interface Dispatcher {
  wake(endpointIds: readonly string[]): void;
  /** Wakes every endpoint that PostgreSQL says is due. */
  reconcile(): Promise<void>;
  /** Starts nothing new and waits for what is in flight. */
  close(): Promise<void>;
}

/** How long after a request's own deadline its holder is taken for dead. */
const LEASE_MARGIN_MS = 5_000;
/** Between two tries to write down one answer. */
const RECORD_PAUSE_MS = 250;

/** Between two claims of a lane: the first goes at once, places that become free soon after gather. */
const CLAIM_GAP_MS = 15;

/** Answers of one endpoint that may wait for being written down while further requests go out. */
const UNRECORDED = 256;

interface Lane {
  /** Requests that are not answered, and failures in a row that are not written down. */
  inFlight: number;
  /** Other answers that are not written down. */
  unrecorded: number;
  /** Failures since the last success. */
  failures: number;
  isClaiming: boolean;
  /** Woken while claiming: look again. */
  again: boolean;
  /** The last claim got all that it asked for: there may be more. */
  isFull: boolean;
  /** Keeps claims apart: each place that becomes free would else ask the database for one more. */
  readonly pace: Pace;
}

export function createDispatcher(input: DispatcherInput): Dispatcher {
  const lanes = new Map<string, Lane>();
  const recorder = createAttemptRecorder(input);
  const working = new Set<Promise<void>>();
  const closing = new AbortController();

  const track = (work: Promise<void>): void => {
    working.add(work);
    void work.finally(() => working.delete(work));
  };
  const laneOf = (endpointId: string): Lane => {
    const lane = lanes.get(endpointId) ?? newLane(input.clock);
    lanes.set(endpointId, lane);
    return lane;
  };
  const more = (endpointId: string): void => track(pump(endpointId));
  const pump = async (endpointId: string): Promise<void> => {
    const lane = laneOf(endpointId);
    lane.again = true;
    if (lane.isClaiming) {
      return;
    }
    lane.isClaiming = true;
    try {
      do {
        await lane.pace(closing.signal);
        const room = roomIn(input, lane);
        if (closing.signal.aborted || room <= 0) {
          return;
        }
        lane.again = false;
        const claims = await claim(input, endpointId, room);
        lane.isFull = claims.length === room;
        lane.inFlight += claims.length;
        for (const taken of claims) {
          track(work(input, { recorder, lane, more }, taken));
        }
      } while (wasWokenIn(lane));
    } finally {
      lane.isClaiming = false;
    }
  };
  const wake = (endpointIds: readonly string[]): void => {
    const known = endpointIds.filter((id) => input.directory.findEndpoint(id) !== undefined);
    if (!closing.signal.aborted) {
      known.forEach(more);
    }
  };
  return {
    wake,
    reconcile: async () => wake(await findDueEndpoints(input.db, input.clock.now())),
    close: async () => {
      closing.abort();
      while (working.size > 0) {
        await Promise.all(working);
      }
    },
  };
}

function newLane(clock: Clock): Lane {
  const pace = createPace(clock, CLAIM_GAP_MS);
  const counts = { inFlight: 0, unrecorded: 0, failures: 0 };
  return { ...counts, isClaiming: false, again: false, isFull: false, pace };
}

/** Asked by a function, because the compiler takes `again` for what it was before the claim. */
function wasWokenIn({ again }: Lane): boolean {
  return again;
}

function roomIn(input: DispatcherInput, { inFlight, unrecorded }: Lane): number {
  return Math.min(input.lane - inFlight, UNRECORDED - unrecorded);
}

interface Working {
  readonly recorder: AttemptRecorder;
  readonly lane: Lane;
  /** Claim what more there is for this endpoint. */
  readonly more: (endpointId: string) => void;
}

/**
 * An answer makes room for the next request at once: writing it down waits for a lock. A second
 * failure in a row does not, because the next may be the one that opens the circuit.
 */
async function work(
  input: DispatcherInput,
  { recorder, lane, more }: Working,
  taken: ClaimedDelivery,
): Promise<void> {
  let place: "inFlight" | "unrecorded" = "inFlight";
  const answered = ({ error }: AttemptResult): void => {
    lane.failures = error === null ? 0 : lane.failures + 1;
    if (lane.failures > 1) {
      return;
    }
    lane.inFlight -= 1;
    lane.unrecorded += 1;
    place = "unrecorded";
    if (lane.isFull || lane.again) {
      more(taken.endpointId);
    }
  };
  const wakeAgain = await deliver(input, taken, { recorder, answered });
  lane[place] -= 1;
  if (wakeAgain || lane.again) {
    more(taken.endpointId);
  }
}

/** Nothing is lost by a claim that fails: the reconciler comes back to it. */
async function claim(
  input: DispatcherInput,
  endpointId: string,
  limit: number,
): Promise<ClaimedDelivery[]> {
  try {
    return await claimDeliveries(input.db, {
      endpointId,
      limit,
      now: input.clock.now(),
      leaseMs: input.timeoutMs + LEASE_MARGIN_MS,
      token: input.newId(),
    });
  } catch (error) {
    report(input.log, error, "deliveries cannot be claimed; they are tried again in seconds");
    return [];
  }
}

interface Recording {
  readonly recorder: AttemptRecorder;
  /** The department has said something, or has not in time. */
  readonly answered: (result: AttemptResult) => void;
}

/** @returns true: there may be more to claim for this endpoint. */
async function deliver(
  input: DispatcherInput,
  taken: ClaimedDelivery,
  { recorder, answered }: Recording,
): Promise<boolean> {
  try {
    const endpoint = input.directory.findEndpoint(taken.endpointId);
    if (endpoint === undefined) {
      return false;
    }
    const body = renderWebhook(taken.payload, input.baseUrl);
    await reach("webhook.before-post");
    const result = await input.poster.post({
      url: endpoint.url,
      id: taken.id,
      body,
      sign: (timestampS) => input.directory.sign(endpoint.id, taken.id, timestampS, body),
    });
    await reach("webhook.posted");
    input.observe(endpoint.department, result);
    answered(result);
    const recorded = await recordPersistently(input, recorder, { claim: taken, result });
    if (recorded.retryAt !== null) {
      input.scheduleRetry(taken, recorded.retryAt);
    }
    if (recorded.parked) {
      input.log.error(
        { department: endpoint.department, code: "DEPARTMENT_UNREACHABLE", reason: result.error },
        "a department's system has not answered for minutes: call them",
      );
    }
    if (recorded.dead) {
      input.log.error(
        { delivery: taken.id, department: endpoint.department, reason: result.error },
        "a delivery is dead",
      );
    }
    return true;
  } catch (error) {
    // The lease runs out and the POST is repeated with the same webhook-id.
    report(input.log, error, "an attempt cannot be recorded; it will be repeated");
    return false;
  }
}

/**
 * An answer in hand is worth some patience: while the lease lasts, writing it down again is better
 * than asking the department again.
 */
async function recordPersistently(
  input: DispatcherInput,
  recorder: AttemptRecorder,
  attempted: Attempted,
): Promise<Recorded> {
  const until = input.clock.now() + LEASE_MARGIN_MS - RECORD_PAUSE_MS;
  for (;;) {
    try {
      return await recorder.write(attempted);
    } catch (error) {
      if (!(error instanceof TransientError) || input.clock.now() > until) {
        throw error;
      }
      await input.clock.wait(RECORD_PAUSE_MS);
    }
  }
}

function report(log: Log, error: unknown, message: string): void {
  if (isConnectionLoss(error) || error instanceof TransientError) {
    log.warn({ reason: (error as Error).message }, message);
  } else {
    log.error({ err: error }, message);
  }
}
