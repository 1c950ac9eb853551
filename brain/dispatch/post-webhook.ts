/** One signed POST: pinned address, no redirects, one deadline, small answers. */
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import type { Clock, EpochMs } from "../../protocol/index.ts";
import { AddressRefusedError, type NetworkGuard, type ResolvedAddress } from "./network-guard.ts";
import { parseRetryAfter } from "./retry-schedule.ts";

export interface WebhookRequest {
  readonly url: string;
  /** `webhook-id`: the same over all attempts. */
  readonly id: string;
  readonly body: Buffer;
  /** JSON where left out. */
  readonly contentType?: string;
  readonly sign: (timestampS: number) => string;
}

export interface AttemptResult {
  readonly at: EpochMs;
  readonly durationMs: number;
  readonly status: number | null;
  /** Null for a success. */
  readonly error: string | null;
  readonly retryAfterMs: number | null;
}

export interface WebhookPoster {
  /** Never throws: what went wrong is part of the result. */
  post(request: WebhookRequest): Promise<AttemptResult>;
  close(): void;
}

export interface PosterInput {
  readonly clock: Clock;
  readonly guard: NetworkGuard;
  /** From the first step to the answer's head. */
  readonly timeoutMs: number;
  /** Connections kept open to one address. */
  readonly maxSockets: number;
}

/** More of an answer's body is not read. */
const MAX_ANSWER_BYTES = 4_096;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

export function createWebhookPoster(input: PosterInput): WebhookPoster {
  const options = { keepAlive: true, maxSockets: input.maxSockets, scheduling: "lifo" } as const;
  const agents = { http: new http.Agent(options), https: new https.Agent(options) };
  return {
    post: async (request) => {
      const at = input.clock.now();
      const startedMs = performance.now();
      const finish = (answer: Answer | undefined, error: string | null): AttemptResult => ({
        at,
        durationMs: Math.round((performance.now() - startedMs) * 1000) / 1000,
        status: answer?.status ?? null,
        error,
        retryAfterMs: parseRetryAfter(answer?.retryAfter, at),
      });
      try {
        const answer = await withDeadline(input, (signal) =>
          send({ input, agents, request, at, signal }),
        );
        return finish(answer, complaintAbout(answer.status));
      } catch (error) {
        return finish(undefined, describe(error, input.timeoutMs));
      }
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

class TimeoutError extends Error {}

async function withDeadline(
  { clock, timeoutMs }: PosterInput,
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const work$ = new AbortController();
  const timer = new AbortController();
  const late = clock.wait(timeoutMs, timer.signal).then(() => {
    const error = new TimeoutError();
    work$.abort(error);
    throw error;
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work(work$.signal), late]);
  } finally {
    timer.abort();
  }
}

interface SendInput {
  readonly input: PosterInput;
  readonly agents: { readonly http: http.Agent; readonly https: https.Agent };
  readonly request: WebhookRequest;
  readonly at: EpochMs;
  readonly signal: AbortSignal;
}

async function send(send: SendInput): Promise<Answer> {
  const url = new URL(send.request.url);
  const pinned = await send.input.guard.pin(url.hostname);
  send.signal.throwIfAborted();
  try {
    return await exchange(send, url, pinned);
  } catch (error) {
    // A kept connection that the other side closed in this moment carried nothing: ask once more.
    if (error instanceof StaleConnectionError) {
      return exchange(send, url, pinned);
    }
    throw error;
  }
}

class StaleConnectionError extends Error {}

function exchange(
  { agents, request, at, signal }: SendInput,
  url: URL,
  pinned: ResolvedAddress,
): Promise<Answer> {
  const isHttps = url.protocol === "https:";
  const timestampS = Math.floor(at / 1000);
  return new Promise((resolve, reject) => {
    const outgoing = (isHttps ? https : http).request(url, {
      method: "POST",
      agent: isHttps ? agents.https : agents.http,
      lookup: lookupOf(pinned),
      signal,
      headers: {
        "content-type": request.contentType ?? "application/json",
        "content-length": request.body.length,
        "user-agent": "sharp-eyes-brain",
        "webhook-id": request.id,
        "webhook-timestamp": String(timestampS),
        "webhook-signature": request.sign(timestampS),
      },
    });
    outgoing.on("response", (answer) => {
      discard(answer);
      resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers["retry-after"] });
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      const isStale = outgoing.reusedSocket && error.code === "ECONNRESET";
      reject(isStale ? new StaleConnectionError(error.message, { cause: error }) : error);
    });
    outgoing.end(request.body);
  });
}

/** Node asks for one address or for all of them; both get the checked one. */
function lookupOf({ address, family }: ResolvedAddress): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all === true) {
      callback(null, [{ address, family }]);
    } else {
      callback(null, address, family);
    }
  };
}

/** The body is of no use, but a short one must be read for the connection to be kept. */
function discard(answer: http.IncomingMessage): void {
  let bytes = 0;
  answer.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      answer.destroy();
    }
  });
  answer.on("error", () => answer.destroy());
  answer.setTimeout(1_000, () => answer.destroy());
}

function complaintAbout(status: number): string | null {
  if (status >= 200 && status < 300) {
    return null;
  }
  return status >= 300 && status < 400
    ? `answered ${status}: redirects are never followed`
    : `answered ${status}`;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was cut",
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name cannot be resolved now",
  EHOSTUNREACH: "the host is unreachable",
  ENETUNREACH: "the network is unreachable",
  ETIMEDOUT: "the connection timed out",
};

/** In words, without anything of the request. */
function describe(error: unknown, timeoutMs: number): string {
  if (error instanceof TimeoutError || (error as Error).name === "AbortError") {
    return `no answer within ${timeoutMs} ms`;
  }
  if (error instanceof AddressRefusedError) {
    return error.message;
  }
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return WORDS[code] ?? `the exchange failed (${code === "" ? (error as Error).name : code})`;
}
