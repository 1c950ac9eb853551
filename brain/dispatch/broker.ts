/**
 * Tells of changed cases over MQTT 3.1.1, which every broker speaks, at QoS 1: the same CloudEvents,
 * from the same cursor, as to subscribers over HTTP. A batch counts when the broker has acknowledged all of it; otherwise it
 * comes again, so a message may come twice and never not at all.
 */
import { readFile } from "node:fs/promises";
import type { MqttClient } from "mqtt";
import type { CaseChanged, Clock } from "../../protocol/index.ts";
import type { AttemptResult } from "./post-webhook.ts";

export interface BrokerConfig {
  /** `mqtts://…`, or `mqtt://…` in a network of one's own. */
  readonly url: string;
  readonly topic: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** PEM of the authority that signed the broker's certificate, where the system does not know it. */
  readonly caFile?: string | undefined;
}

export interface Broker {
  /** Never throws: what went wrong is part of the result. */
  publish(events: readonly CaseChanged[]): Promise<AttemptResult>;
  close(): Promise<void>;
}

export interface BrokerInput {
  readonly config: BrokerConfig;
  readonly clock: Clock;
  /** To connect and to have all of a batch acknowledged. */
  readonly timeoutMs: number;
}

export function createBroker({ config, clock, timeoutMs }: BrokerInput): Broker {
  let client: MqttClient | undefined;
  const drop = (): void => {
    client?.end(true);
    client = undefined;
  };
  const send = async (events: readonly CaseChanged[]): Promise<void> => {
    if (client?.connected !== true) {
      drop();
      client = await connect(config, timeoutMs);
      // A connection that is lost is made anew by the next batch.
      client.on("error", () => undefined);
    }
    const connected = client;
    await Promise.all(
      events.map((event) =>
        connected.publishAsync(`${config.topic}/${event.data.eventType}`, JSON.stringify(event), {
          qos: 1,
        }),
      ),
    );
  };
  return {
    publish: async (events) => {
      const at = clock.now();
      const startedMs = performance.now();
      const timer = new AbortController();
      const late = clock.wait(timeoutMs, timer.signal).then(() => {
        throw new Error(`no acknowledgement within ${timeoutMs} ms`);
      });
      late.catch(() => undefined);
      let error: string | null = null;
      try {
        await Promise.race([send(events), late]);
      } catch (cause) {
        error = wordsOf(cause);
        // What is half sent must not be sent by the library later, beside the repetition.
        drop();
      } finally {
        timer.abort();
      }
      const durationMs = Math.round(performance.now() - startedMs);
      return { at, durationMs, status: null, error, retryAfterMs: null };
    },
    close: async () => {
      await client?.endAsync().catch(() => undefined);
      client = undefined;
    },
  };
}

/** The library is loaded only where a broker is configured. */
async function connect(config: BrokerConfig, timeoutMs: number): Promise<MqttClient> {
  const { connectAsync } = await import("mqtt");
  const { username, passwordFile, caFile, clientId } = config;
  const password = passwordFile === undefined ? undefined : await readFile(passwordFile, "utf8");
  const ca = caFile === undefined ? undefined : await readFile(caFile);
  return connectAsync(config.url, {
    protocolVersion: 4,
    clientId,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: timeoutMs,
    queueQoSZero: false,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.trim() }),
    ...(ca === undefined ? {} : { ca }),
  });
}

/** In words, without anything of the configuration. */
function wordsOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return typeof code === "string"
    ? `the broker cannot be reached (${code})`
    : message.slice(0, 200);
}
