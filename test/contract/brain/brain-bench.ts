/** A whole brain on a real database, with a node and departments around it. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pino } from "pino";
import { Webhook } from "standardwebhooks";
import { type Brain, startBrain } from "../../../brain/app.ts";
import { type BrainConfig, brainConfigSchema, type Directory } from "../../../config/index.ts";
import {
  type CaseDetail,
  type CaseList,
  type Clock,
  EVENT_BATCH_CONTENT_TYPE,
  type IntakeAnswer,
  SENDER_HEADER,
  systemClock,
} from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";

export function newSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

export interface BenchOptions {
  readonly endpoints: readonly {
    readonly department: string;
    readonly url: string;
    readonly secret: string;
  }[];
  readonly clock?: Clock;
  readonly config?: Partial<Record<keyof BrainConfig, unknown>>;
  readonly operatorKey?: string;
}

export interface BrainBench extends AsyncDisposable {
  readonly url: string;
  readonly routes: Brain["routes"];
  readonly dir: string;
  readonly nodeSecret: string;
  readonly postgres: TestPostgres;
  readonly config: BrainConfig;
  readonly directory: Directory;
  /** Ends the brain and starts it again on the same database. */
  restart(): Promise<void>;
}

export interface SignOptions {
  readonly sender: string;
  readonly secret: string;
  readonly at?: number;
  readonly id?: string;
}

export function signedHeaders(body: string | Buffer, options: SignOptions): Record<string, string> {
  const at = new Date(options.at ?? Date.now());
  const id = options.id ?? `msg_${randomBytes(8).toString("hex")}`;
  return {
    [SENDER_HEADER]: options.sender,
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(options.secret).sign(id, at, body),
  };
}

export async function startBench(options: BenchOptions): Promise<BrainBench> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-brain-"));
  const postgres = await startTestPostgres({ migrated: true });
  const nodeSecret = newSecret();
  const secretFile = async (name: string, secret: string): Promise<string> => {
    const file = path.join(dir, name);
    await writeFile(file, secret);
    return file;
  };
  const directory = {
    nodes: [
      {
        id: "node-1",
        secretFile: await secretFile("node-1.secret", nodeSecret),
        cameras: ["cam-1", "cam-2"].map((id) => ({
          id,
          name: `Camera ${id}`,
          siteType: "square",
          managingUnit: "Test unit",
          purposes: ["public-safety"],
          retentionDays: 30,
          signPosted: true,
          location: { lat: 39.8, lon: 116.5, crs: "WGS84" },
        })),
      },
    ],
    endpoints: await Promise.all(
      options.endpoints.map(async ({ department, url, secret }) => ({
        department,
        url,
        secretFile: await secretFile(`${department}.secret`, secret),
      })),
    ),
  } as unknown as Directory;
  const config = brainConfigSchema.parse({
    server: { port: 0, ...(options.operatorKey === undefined ? {} : { host: "0.0.0.0" }) },
    database: { url: postgres.connectionString },
    evidence: { dir: path.join(dir, "evidence") },
    security: {
      secretKeyFile: path.join(dir, "secret.key"),
      ...(options.operatorKey === undefined
        ? {}
        : { operatorKeyFile: await secretFile("operator.key", options.operatorKey) }),
    },
    directory: path.join(dir, "directory.yaml"),
    // Tests make one camera see much at once.
    correlation: { stormPerMinute: 1_000_000 },
    ...options.config,
  });
  const start = (): Promise<Brain> =>
    startBrain({
      config,
      directory,
      clock: options.clock ?? systemClock,
      random: () => 0.5,
      log: pino({ level: process.env["LOG_LEVEL"] ?? "silent" }),
    });
  let brain = await start().catch(async (error: unknown) => {
    await postgres.close();
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  return {
    get url() {
      return brain.url;
    },
    get routes() {
      return brain.routes;
    },
    dir,
    nodeSecret,
    postgres,
    config,
    directory,
    restart: async () => {
      await brain.close();
      brain = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await brain.close();
      await postgres.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export async function postEvents(
  bench: BrainBench,
  events: readonly unknown[],
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = JSON.stringify(events);
  return fetch(`${bench.url}/v1/events`, {
    method: "POST",
    body,
    headers: {
      "content-type": EVENT_BATCH_CONTENT_TYPE,
      ...signedHeaders(body, { sender: "node-1", secret: bench.nodeSecret }),
      ...headers,
    },
  });
}

export async function sendEvents(
  bench: BrainBench,
  events: readonly unknown[],
): Promise<IntakeAnswer> {
  const response = await postEvents(bench, events);
  if (response.status !== 200) {
    throw new Error(`expected 200, got ${response.status}: ${await response.text()}`);
  }
  return (await response.json()) as IntakeAnswer;
}

export async function getJson<T>(bench: BrainBench, address: string): Promise<T> {
  const response = await fetch(`${bench.url}${address}`);
  if (response.status !== 200) {
    throw new Error(`expected 200, got ${response.status}: ${await response.text()}`);
  }
  return (await response.json()) as T;
}

export const getCases = (bench: BrainBench, query = ""): Promise<CaseList> =>
  getJson(bench, `/v1/cases${query}`);

export const getCase = (bench: BrainBench, id: string): Promise<CaseDetail> =>
  getJson(bench, `/v1/cases/${id}`);

/** Asks until the answer satisfies; fails with the last answer after ten seconds. */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfies: (value: T) => boolean,
  limitMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await ask();
    if (satisfies(value)) {
      return value;
    }
    if (performance.now() > deadline) {
      throw new Error(`gave up waiting; last: ${JSON.stringify(value).slice(0, 2_000)}`);
    }
    await systemClock.wait(20);
  }
}

export interface AckOptions {
  readonly department: string;
  readonly secret: string;
  readonly deliveryId: string;
  readonly taskId: string;
  readonly decision?: "accepted" | "returned";
  readonly reason?: string;
}

export async function acknowledge(bench: BrainBench, options: AckOptions): Promise<Response> {
  const body = JSON.stringify({
    deliveryId: options.deliveryId,
    decision: options.decision ?? "accepted",
    reference: "REF-1",
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    at: new Date().toISOString(),
  });
  return fetch(`${bench.url}/v1/tasks/${options.taskId}/acknowledgement`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      ...signedHeaders(body, { sender: options.department, secret: options.secret }),
    },
  });
}
