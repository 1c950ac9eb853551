/** `GET /v1/stream`: server-sent events of cases and health, resumable at any position. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import {
  type Clock,
  formatTime,
  PermanentError,
  problemSchema,
  TransientError,
  type Viewer,
} from "../../protocol/index.ts";
import { createPace, type Log, type Schema } from "../store/index.ts";
import { readChanges, readPosition } from "./case-queries.ts";
import { healthFor, readHealth } from "./health-view.ts";
import type { StreamHub } from "./stream-hub.ts";

export { createStreamHub, type StreamHub } from "./stream-hub.ts";

export interface StreamRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly hub: StreamHub;
  /** Aborted when the brain stops: streams end first. */
  readonly closing: AbortSignal;
  readonly onClients: (change: 1 | -1) => void;
  readonly onLagging: () => void;
}

const TICK_MS = 2_000;
/** Health goes out with every so manyth tick. */
const TICKS_PER_HEALTH = 2;
/** Between two looks for changes: the first goes at once, and a case that changes often is told once. */
const LOOK_GAP_MS = 200;
/** Changes read at once: the bound of what is held for one client. */
const PAGE = 200;
/** A client that takes nothing for so long is closed; it comes back where it stopped. */
const DRAIN_TIMEOUT_MS = 10_000;
const MAX_CLIENTS = 200;

const querySchema = z.object({
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
});

export function streamRoutes(input: StreamRouteInput): (app: FastifyInstance) => void {
  let clients = 0;
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/stream",
      schema: {
        summary: "Changes as server-sent events",
        description:
          "`event: case` (a summary, `id:` is its position), `event: health`, and `event: tick` " +
          "every two seconds. A department hears of its own cases, and `event: gone` of those that " +
          "it gave back. Resumes after `Last-Event-ID` or `?after=`; ends with the session.",
        tags: ["console"],
        querystring: querySchema,
        produces: ["text/event-stream"],
        response: { default: problemSchema },
      },
      config: { permission: "case.view" },
      handler: async (request, reply) => {
        if (clients >= MAX_CLIENTS) {
          throw new TransientError("OVERLOADED", "Too many streams are open", {
            expected: `at most ${MAX_CLIENTS}`,
          });
        }
        const start = await startOf(input.db, request);
        clients += 1;
        input.onClients(1);
        const headers = reply.getHeaders() as Record<string, string>;
        reply.hijack();
        try {
          await serve(input, reply.raw, headers, { start, who: whoOf(request) });
        } finally {
          clients -= 1;
          input.onClients(-1);
        }
      },
    });
  };
}

interface Listener {
  readonly viewer: Viewer;
  /** False once the session has ended or the account may look no more. */
  readonly stillValid: () => Promise<boolean>;
}

function whoOf({ viewer, entry }: FastifyRequest): Listener {
  return { viewer, stillValid: () => entry?.stillValid() ?? Promise.resolve(false) };
}

/** The header wins: a browser that reconnects repeats the old query. */
function readStart(request: FastifyRequest): number | undefined {
  const last = request.headers["last-event-id"];
  if (typeof last === "string" && /^\d{1,15}$/.test(last)) {
    return Number(last);
  }
  const { after } = request.query as z.infer<typeof querySchema>;
  return after === undefined ? undefined : Number(after);
}

/** @throws PermanentError STATE_CONFLICT where changes after the position are not kept any more. */
async function startOf(db: Kysely<Schema>, request: FastifyRequest): Promise<number> {
  const start = readStart(request);
  if (start === undefined) {
    return readPosition(db);
  }
  const floor = await db.selectFrom("stream_floor").select("position").executeTakeFirst();
  if (floor !== undefined && start < floor.position) {
    throw new PermanentError("STATE_CONFLICT", "The stream does not reach back so far", {
      where: "after",
      expected: "the list of cases anew, and its streamPosition",
      got: String(start),
    });
  }
  return start;
}

async function serve(
  input: StreamRouteInput,
  raw: ServerResponse,
  headers: Record<string, string>,
  { start, who }: { readonly start: number; readonly who: Listener },
): Promise<void> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  raw.on("close", leave);
  raw.on("error", leave);
  input.closing.addEventListener("abort", leave, { once: true });
  if (input.closing.aborted) {
    leave();
  }
  raw.writeHead(200, {
    ...headers,
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  const client: StreamClient = { input, raw, who, signal: gone.signal, position: start };
  try {
    await write(client, "retry: 1000\n\n");
    await Promise.all([sendChanges(client, leave), sendTicks(client, leave)]);
  } catch (error) {
    if (!gone.signal.aborted) {
      input.log.warn({ reason: (error as Error).message }, "a stream was closed");
    }
  } finally {
    leave();
    input.closing.removeEventListener("abort", leave);
    raw.end();
    raw.destroy();
  }
}

interface StreamClient {
  readonly input: StreamRouteInput;
  readonly raw: ServerResponse;
  readonly who: Listener;
  readonly signal: AbortSignal;
  /** Everything up to here was written. */
  position: number;
}

async function sendChanges(client: StreamClient, leave: () => void): Promise<void> {
  const { input, signal } = client;
  const { viewer } = client.who;
  const pace = createPace(input.clock, LOOK_GAP_MS);
  try {
    while (!signal.aborted) {
      // Waiting begins before reading: a change in between is not slept over.
      const stopWaiting = new AbortController();
      const changed = input.hub.changed(AbortSignal.any([signal, stopWaiting.signal]));
      const read = await readChanges(input.db, client.position, PAGE, viewer);
      const { changes, gone, position, end } = read;
      const messages = [
        ...changes.map((one) => ({ at: one.position, event: "case", data: one.summary })),
        ...gone.map((one) => ({ at: one.position, event: "gone", data: { id: one.id } })),
      ].sort((a, b) => a.at - b.at);
      for (const { at, event, data } of messages) {
        await write(client, `id: ${at}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      }
      client.position = position;
      if (end) {
        await changed;
        await pace(signal);
      }
      stopWaiting.abort();
    }
  } finally {
    leave();
  }
}

async function sendTicks(client: StreamClient, leave: () => void): Promise<void> {
  const { input, signal } = client;
  try {
    for (let tick = 0; !signal.aborted; tick += 1) {
      if (tick % TICKS_PER_HEALTH === 0) {
        if (!(await client.who.stillValid())) {
          return;
        }
        const health = healthFor(
          await readHealth(input.db, input.clock.now(), input.version),
          client.who.viewer,
        );
        await write(client, `event: health\ndata: ${JSON.stringify(health)}\n\n`);
      }
      const at = formatTime(input.clock.now());
      const data = JSON.stringify({ at, position: String(client.position) });
      await write(client, `event: tick\ndata: ${data}\n\n`);
      await input.clock.wait(TICK_MS, signal).catch(() => undefined);
      // A lost notification costs at most one tick.
      input.hub.notify();
    }
  } finally {
    leave();
  }
}

/** Waits until the client took what was written; gives it up when it does not. */
async function write({ input, raw, signal }: StreamClient, text: string): Promise<void> {
  if (signal.aborted || raw.write(text)) {
    return;
  }
  const patience = new AbortController();
  const both = AbortSignal.any([signal, patience.signal]);
  const late = input.clock.wait(DRAIN_TIMEOUT_MS, both).then(
    () => "late" as const,
    () => "left" as const,
  );
  const drained = once(raw, "drain", { signal: both }).then(
    () => "drained" as const,
    () => "left" as const,
  );
  const outcome = await Promise.race([drained, late]);
  patience.abort();
  if (outcome === "late") {
    input.onLagging();
    throw new TransientError("OVERLOADED", "A client cannot follow its stream");
  }
}
