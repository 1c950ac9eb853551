/** Keeps the brain's event stream open: resumes after the last position, and notices silence. */
import type { CaseSummary, Clock, HealthView } from "../../protocol/index.ts";
import { isAborted } from "./abort.ts";
import { ApiError, type Api } from "./api.ts";
import { createSseParser, type SseMessage } from "./sse.ts";

/**
 * The brain ticks every 2 s. 2.6 s of silence is a lost tick and not a late one, and leaves room
 * to say so within 3 s of the loss.
 */
export const SILENT_AFTER_MS = 2_600;
/** A connection that stays silent this long is dead: waiting for the socket would take minutes. */
const DEAD_AFTER_MS = 8_000;
const WATCH_EVERY_MS = 100;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MOST_MS = 10_000;

export type Connection = "connecting" | "live" | "silent" | "reconnecting";

export interface StreamSink {
  connection(state: Connection): void;
  /** Anything was heard, at the given local time. */
  heard(atMs: number): void;
  case(summary: CaseSummary): void;
  health(view: HealthView): void;
  /** The brain's time, heard at local time `atMs`. */
  tick(brainTime: string, atMs: number): void;
}

export interface StreamOptions {
  readonly api: Pick<Api, "stream">;
  readonly clock: Clock;
  /** 0–1; spreads the return of many pages over time. */
  readonly random: () => number;
  readonly sink: StreamSink;
  /** Position the page's list includes. */
  readonly after: string;
  /** Aborting it skips the wait before the next attempt, as when the browser is online again. */
  readonly hurry?: () => AbortSignal;
}

/**
 * Runs until the signal is aborted. Network failures are retried for ever; a refusal (signed out,
 * position unknown) is thrown, because only a fresh start helps.
 */
export async function runStream(options: StreamOptions, signal: AbortSignal): Promise<void> {
  const { clock, random, sink } = options;
  let position = options.after;
  let failures = 0;
  sink.connection("connecting");
  while (!isAborted(signal)) {
    try {
      position = await readOnce(options, position, signal, (reached) => {
        position = reached;
        failures = 0;
      });
    } catch (error) {
      if (isAborted(signal)) {
        return;
      }
      if (error instanceof ApiError && error.failure !== "unreachable" && !isBusy(error)) {
        throw error;
      }
    }
    sink.connection("reconnecting");
    const ceilingMs = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** failures);
    failures += 1;
    const hurry = options.hurry?.();
    const wake = hurry === undefined ? signal : AbortSignal.any([signal, hurry]);
    await clock.wait(ceilingMs * (0.5 + random() / 2), wake).catch(() => undefined);
  }
}

/** Overload and a brain that is starting pass; they are not a no. */
function isBusy(error: ApiError): boolean {
  return error.status === 429 || (error.status ?? 0) >= 500;
}

async function readOnce(
  options: StreamOptions,
  after: string,
  signal: AbortSignal,
  onProgress: (position: string) => void,
): Promise<string> {
  const { api, clock, sink } = options;
  const ended = new AbortController();
  const connection = AbortSignal.any([signal, ended.signal]);
  let heardAtMs = clock.now();
  let isLive = false;
  let position = after;
  const watch = watchSilence();
  try {
    const body = await api.stream(after, connection);
    for await (const message of messagesOf(body, connection)) {
      heardAtMs = clock.now();
      sink.heard(heardAtMs);
      if (!isLive) {
        isLive = true;
        sink.connection("live");
      }
      position = hand(message, sink, heardAtMs) ?? position;
      onProgress(position);
    }
    return position;
  } finally {
    ended.abort();
    await watch;
  }

  async function watchSilence(): Promise<void> {
    while (!connection.aborted) {
      await clock.wait(WATCH_EVERY_MS, connection).catch(() => undefined);
      const silentMs = clock.now() - heardAtMs;
      if (silentMs >= DEAD_AFTER_MS) {
        ended.abort(new ApiError("unreachable", null, null));
      } else if (silentMs >= SILENT_AFTER_MS && isLive) {
        isLive = false;
        sink.connection("silent");
      }
    }
  }
}

/** Gives the message on and returns the position it reached, if it names one. */
function hand(message: SseMessage, sink: StreamSink, atMs: number): string | undefined {
  switch (message.event) {
    case "case":
      sink.case(JSON.parse(message.data) as CaseSummary);
      return message.id === "" ? undefined : message.id;
    case "health":
      sink.health(JSON.parse(message.data) as HealthView);
      return undefined;
    case "tick": {
      const tick = JSON.parse(message.data) as { at: string; position: string };
      sink.tick(tick.at, atMs);
      return tick.position;
    }
    default:
      // A newer brain may say more than this page knows.
      return undefined;
  }
}

async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<SseMessage> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = createSseParser();
  const cancel = (): void => {
    reader.cancel(signal.reason).catch(() => undefined);
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}
