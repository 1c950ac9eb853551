/** Plays the brain towards the page: the read API, the stream, and the failures of both. */
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fastifyStatic from "@fastify/static";
import fastify, { type FastifyInstance } from "fastify";
import {
  caseListSchema,
  caseSummarySchema,
  caseWorkViewSchema,
  catalogue,
  formatTime,
  healthViewSchema,
  streamTickSchema,
  type CaseDetail,
  type CaseList,
  type CaseState,
  type CaseWorkView,
  type HealthView,
} from "../../../protocol/index.ts";
import { moveTo, scriptCase, type ScriptedCase } from "./case-script.ts";
import { drawSnapshot } from "./picture.ts";

export interface FakeBrainOptions {
  /** Built page to serve. */
  readonly pageFolder: string;
  /** 0: any free one. */
  readonly port?: number;
  /** Asks for this operator key. */
  readonly key?: string;
  /** Pictures instead of the drawn ones. */
  readonly pictures?: readonly Buffer[];
}

export interface FakeBrain {
  readonly url: string;
  addCase(wish?: ScriptedCase): CaseDetail;
  /** Moves a case on and tells every open page. */
  move(id: string, state: NonNullable<ScriptedCase["state"]>): CaseDetail;
  /** Delivers the announced picture. */
  deliverPicture(id: string): void;
  setHealth(change: Partial<HealthView>): void;
  /** Every open stream ends and new ones are refused, until `restore`. */
  cut(): void;
  /** Streams stay open and say nothing until `restore`, as when a cable is pulled. */
  mute(): void;
  restore(): void;
  close(): Promise<void>;
}

interface Entry {
  readonly serial: number;
  readonly detail: CaseDetail;
}

interface Shared {
  readonly options: FakeBrainOptions;
  /** Oldest first. */
  readonly entries: Entry[];
  /** What the stream has said: position is index + 1. */
  readonly log: { readonly position: number; readonly text: string }[];
  /** Open streams, with what a pulled cable holds back. */
  readonly streams: Map<ServerResponse, string[]>;
  health: HealthView;
  mode: "up" | "muted" | "cut";
}

const TICK_MS = 2_000;
const COOKIE = "fake=signed-in";

export async function startFakeBrain(options: FakeBrainOptions): Promise<FakeBrain> {
  const shared: Shared = {
    options,
    entries: [],
    log: [],
    streams: new Map(),
    health: wellHealth(),
    mode: "up",
  };
  const app = fastify({ forceCloseConnections: true });
  addReadApi(app, shared);
  addStream(app, shared);
  addEvidence(app, shared);
  await app.register(fastifyStatic, { root: options.pageFolder });
  await app.listen({ host: "127.0.0.1", port: options.port ?? 0 });
  const ticker = setInterval(() => send(shared, tickOf(shared)), TICK_MS);
  const { port } = app.server.address() as AddressInfo;

  const replace = (id: string, change: (entry: Entry) => CaseDetail): CaseDetail => {
    const index = shared.entries.findIndex((entry) => entry.detail.id === id);
    const entry = shared.entries[index];
    if (entry === undefined) {
      throw new Error(`the fake brain has no case ${id}`);
    }
    const detail = change(entry);
    shared.entries[index] = { ...entry, detail };
    tell(shared, detail);
    return detail;
  };

  return {
    url: `http://127.0.0.1:${port}`,
    addCase(wish) {
      const serial = shared.entries.length + 1;
      const detail = scriptCase(serial, Date.now(), wish);
      shared.entries.push({ serial, detail });
      tell(shared, detail);
      return detail;
    },
    move: (id, state) => replace(id, ({ detail, serial }) => moveTo(detail, serial, state)),
    deliverPicture(id) {
      replace(id, ({ detail }) => ({
        ...detail,
        version: detail.version + 1,
        snapshot: detail.snapshot === null ? null : { ...detail.snapshot, available: true },
      }));
    },
    setHealth(change) {
      shared.health = healthViewSchema.parse({ ...shared.health, ...change });
      send(shared, message("health", shared.health));
    },
    cut() {
      shared.mode = "cut";
      for (const stream of shared.streams.keys()) {
        stream.destroy();
      }
    },
    mute() {
      shared.mode = "muted";
    },
    restore() {
      shared.mode = "up";
      send(shared, "");
    },
    async close() {
      clearInterval(ticker);
      for (const stream of shared.streams.keys()) {
        stream.destroy();
      }
      await app.close();
    },
  };
}

function addReadApi(app: FastifyInstance, shared: Shared): void {
  const { key } = shared.options;
  app.addHook("onRequest", async (request, reply) => {
    const isOpen = key === undefined || request.headers.cookie?.includes(COOKIE) === true;
    const isApi = request.url.startsWith("/v1/") && request.url !== "/v1/session";
    if (shared.mode === "cut" && request.url.startsWith("/v1/")) {
      request.raw.destroy();
    } else if (isApi && !isOpen) {
      await reply.code(401).send({ code: "SESSION_REQUIRED", message: "sign in first" });
    }
  });
  app.get("/v1/session", (request) => ({
    mode: key === undefined ? "open" : "key",
    signedIn: key === undefined || request.headers.cookie?.includes(COOKIE) === true,
  }));
  app.post("/v1/session", (request, reply) => {
    if ((request.body as { key?: string }).key !== key) {
      return reply.code(401).send({ code: "SESSION_REQUIRED", message: "wrong key" });
    }
    return reply.header("set-cookie", `${COOKIE}; Path=/; HttpOnly`).send({});
  });
  app.get("/v1/health", () => shared.health);
  app.get("/v1/catalogue", () => catalogue);
  app.get("/v1/cases", (request) => listCases(shared, request.query as ListQuery));
  app.get("/v1/cases/:id", (request, reply) => {
    const { id } = request.params as { id: string };
    const entry = shared.entries.find(({ detail }) => detail.id === id);
    return entry === undefined
      ? reply.code(404).send({ code: "NOT_FOUND", message: "no such case" })
      : reply.send(entry.detail);
  });
  app.get("/v1/silences", (_request, reply) => reply.send({ items: [] }));
  app.get("/v1/cases/:id/work", (request, reply) => {
    const { id } = request.params as { id: string };
    const entry = shared.entries.find(({ detail }) => detail.id === id);
    return entry === undefined
      ? reply.code(404).send({ code: "NOT_FOUND", message: "no such case" })
      : reply.send(workOf(entry.detail));
  });
}

/** A case that nobody supervises, returns or pauses. */
function workOf({ id, state, version, eventType }: CaseDetail): CaseWorkView {
  const type = catalogue.eventTypes.find(({ code }) => code === eventType);
  return caseWorkViewSchema.parse({
    ...{ caseId: id, state, version, level: 2, light: "none", round: 1, standard: null },
    ...{ clocks: [], returns: [], ruled: false, suspension: null, reworks: 0 },
    ...{ cancelAskedBy: null, whistles: [], actions: [], routedCo: type?.co ?? [] },
  });
}

interface ListQuery {
  readonly limit?: string;
  readonly before?: string;
  readonly state?: CaseState;
}

function listCases(shared: Shared, query: ListQuery): CaseList {
  const counts: Record<string, number> = {};
  for (const { detail } of shared.entries) {
    counts[detail.state] = (counts[detail.state] ?? 0) + 1;
  }
  const ordered = shared.entries.toSorted(
    (a, b) => Date.parse(b.detail.reportedAt) - Date.parse(a.detail.reportedAt),
  );
  const from = ordered.findIndex(({ detail }) => detail.id === query.before) + 1;
  const matching = ordered
    .slice(from)
    .filter(({ detail }) => query.state === undefined || detail.state === query.state);
  const items = matching.slice(0, Number(query.limit ?? 50)).map(({ detail }) => detail);
  return caseListSchema.parse({
    items,
    next: items.length < matching.length ? (items.at(-1)?.id ?? null) : null,
    streamPosition: String(shared.log.length),
    counts,
    asOf: formatTime(Date.now()),
  });
}

function addStream(app: FastifyInstance, shared: Shared): void {
  app.get("/v1/stream", (request, reply) => {
    reply.hijack();
    const stream = reply.raw;
    stream.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const after = Number((request.query as { after?: string }).after ?? 0);
    const missed = shared.log.filter(({ position }) => position > after);
    shared.streams.set(stream, [missed.map(({ text }) => text).join("") + tickOf(shared)]);
    send(shared, "");
    stream.on("close", () => shared.streams.delete(stream));
  });
}

function addEvidence(app: FastifyInstance, shared: Shared): void {
  app.get("/v1/evidence/:sha256", async (request, reply) => {
    const { sha256 } = request.params as { sha256: string };
    const entry = shared.entries.find(({ detail }) => detail.snapshot?.sha256 === sha256);
    const serial = entry?.serial ?? 0;
    const { pictures = [] } = shared.options;
    const picture = pictures[serial % Math.max(1, pictures.length)];
    return reply.type("image/jpeg").send(picture ?? (await drawSnapshot(serial)));
  });
}

function tell(shared: Shared, detail: CaseDetail): void {
  const position = shared.log.length + 1;
  // The summary's schema drops what only the detail has.
  const text = message("case", caseSummarySchema.parse(detail), position);
  shared.log.push({ position, text });
  send(shared, text);
}

function tickOf(shared: Shared): string {
  const tick = { at: formatTime(Date.now()), position: String(shared.log.length) };
  return message("tick", streamTickSchema.parse(tick));
}

function message(event: string, data: unknown, id?: number): string {
  const head = id === undefined ? "" : `id: ${id}\n`;
  return `event: ${event}\n${head}data: ${JSON.stringify(data)}\n\n`;
}

function send(shared: Shared, text: string): void {
  for (const [stream, held] of shared.streams) {
    held.push(text);
    if (shared.mode === "up") {
      stream.write(held.splice(0).join(""));
    }
  }
}

function wellHealth(): HealthView {
  const now = formatTime(Date.now());
  const camera = { state: "live", since: now, captured: 5400, analysed: 5310, reconnects: 0 };
  return healthViewSchema.parse({
    status: "ok",
    at: now,
    version: "0.1.0",
    nodes: [
      {
        id: "edge-01",
        state: "up",
        seenAt: now,
        skewMs: 3,
        model: "coco-ssd-lite 1.0.0",
        provider: "cpu",
        outboxDepth: 0,
        cameras: [
          { ...camera, id: "gate-west-01", name: "西门广场东", dropped: { gate: 88, busy: 2 } },
          { ...camera, id: "school-north-02", name: "实验小学北门", dropped: { gate: 90 } },
        ],
      },
    ],
    endpoints: [
      {
        department: "GA",
        url: "http://127.0.0.1:8090/webhooks/ga",
        state: "healthy",
        pending: 0,
        lastSuccessAt: now,
        lastError: null,
      },
    ],
    inboxDepth: 0,
  });
}
