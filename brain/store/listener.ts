/** LISTEN on one channel that survives the loss of its connection, silent loss included. */
import pg from "pg";
import type { Clock } from "../../protocol/index.ts";
import type { Log } from "./log.ts";
import { reasonOf } from "./unavailable.ts";

const HEARTBEAT_MS = 10_000;
const HEARTBEAT_TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/**
 * Called with each payload. Called with undefined whenever the subscription begins (the first time
 * included): something may have been missed, look at the tables. Must not throw.
 */
export type OnNotify = (payload: string | undefined) => void;

export interface ListenerOptions {
  readonly connectionString: string;
  readonly channel: string;
  readonly onNotify: OnNotify;
  readonly clock: Clock;
  readonly log: Log;
}

/** Resolves when the subscription stands for the first time; goes on until disposed. */
export async function startListener(options: ListenerOptions): Promise<AsyncDisposable> {
  const closing = new AbortController();
  const running = keepListening(await subscribe(options), options, closing.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await running;
    },
  };
}

async function keepListening(
  first: pg.Client,
  options: ListenerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, channel } = options;
  let client: pg.Client | undefined = first;
  let pauseMs = FIRST_PAUSE_MS;
  const isWanted = (): boolean => !signal.aborted;
  while (isWanted()) {
    try {
      client ??= await subscribe(options);
      pauseMs = FIRST_PAUSE_MS;
      await untilLost(client, clock, signal);
    } catch (error) {
      if (client !== undefined && isWanted()) {
        log.warn({ channel, reason: reasonOf(error) }, "Notifications are lost; connecting again");
      }
    }
    await endQuietly(client);
    client = undefined;
    if (isWanted()) {
      await clock.wait(pauseMs, signal).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }
  }
}

async function subscribe({
  connectionString,
  channel,
  onNotify,
}: ListenerOptions): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: "sharp-eyes listener",
    connectionTimeoutMillis: HEARTBEAT_TIMEOUT_MS,
    query_timeout: HEARTBEAT_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on("error", () => undefined); // `untilLost` sees the end of the connection.
  client.on("notification", (message) => onNotify(message.payload ?? ""));
  try {
    await client.connect();
    await client.query(`listen ${client.escapeIdentifier(channel)}`);
  } catch (error) {
    await endQuietly(client);
    throw error;
  }
  onNotify(undefined);
  return client;
}

/** Rejects when the connection ends or no longer answers; resolves when the signal is aborted. */
async function untilLost(client: pg.Client, clock: Clock, signal: AbortSignal): Promise<void> {
  const beat = new AbortController();
  const stop = (): void => beat.abort();
  const isWanted = (): boolean => !signal.aborted;
  signal.addEventListener("abort", stop, { once: true });
  client.once("end", stop);
  try {
    while (isWanted()) {
      await client.query("select 1"); // Rejects at once when the connection has ended.
      await clock.wait(HEARTBEAT_MS, beat.signal).catch(() => undefined);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function endQuietly(client: pg.Client | undefined): Promise<void> {
  await client?.end().catch(() => undefined);
}
