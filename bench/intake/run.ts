/** One run: a database, a brain, a load, and what each of them cost. */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { lockCases, type Schema } from "../../brain/store/index.ts";
import type { Directory } from "../../config/index.ts";
import type { BrainOrder } from "./brain-child.ts";
import {
  eventPercentile,
  type IntakeNode,
  type LoadOrder,
  type LoadReport,
  placeOf,
} from "./load.ts";
import { treeCpuS } from "./processor-time.ts";
import { type BenchServer, type ServerKind, startServer } from "./server.ts";

const CAMERAS_PER_NODE = 20;

export interface RunOptions {
  readonly server: ServerKind;
  readonly rate: number;
  readonly seconds: number;
  readonly warmUpS: number;
  readonly nodes: number;
  readonly maxInbox: number;
  /** Brains on the same database; each takes its share of the nodes. */
  readonly replicas: number;
  /** Correlation (T2) works beside intake; false: it waits for its lock. */
  readonly correlate: boolean;
  /** Folder for profiles of the brain. */
  readonly profileDir?: string;
}

export interface RunResult {
  readonly server: ServerKind;
  readonly correlate: boolean;
  readonly offeredPerS: number;
  readonly acceptedPerS: number;
  readonly duplicatesPerS: number;
  readonly rejected: number;
  /** Acknowledgement as a node sees it, weighted by events, ms. */
  readonly ackMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly batches: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly withoutRetryAfter: number;
  /** Processor time, µs per accepted event. */
  readonly cpuUs: { readonly brain: number; readonly database: number; readonly load: number };
  /** Share of the machine's processors in use. */
  readonly cpuShare: number;
  readonly walBytesPerEvent: number;
  readonly correlatedPerS: number;
  /** At the end of the run. */
  readonly inboxDepth: number;
  /** Age of the oldest event not yet correlated, at each look, s. */
  readonly correlationLagS: readonly number[];
}

export async function run(options: RunOptions): Promise<RunResult> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-intake-"));
  await using server = await startServer(options.server);
  const nodes = Array.from({ length: options.nodes }, (_, index) => ({
    id: `node-${index}`,
    secret: `whsec_${randomBytes(32).toString("base64")}`,
    cameraIds: Array.from({ length: CAMERAS_PER_NODE }, (_cell, camera) => `cam-${camera}`),
  }));
  const brains: BrainChild[] = [];
  try {
    // One after the other: the first brings the database up to date.
    for (let count = 0; count < options.replicas; count += 1) {
      brains.push(await startBrainChild(dir, server, nodes, options));
    }
    return await measure(brains, server, nodes, options);
  } finally {
    await Promise.all(brains.map(stop));
    await rm(dir, { recursive: true, force: true });
  }
}

async function stop({ child }: BrainChild): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

interface BrainChild {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startBrainChild(
  dir: string,
  server: BenchServer,
  nodes: readonly IntakeNode[],
  { maxInbox, profileDir }: RunOptions,
): Promise<BrainChild> {
  const entries = nodes.map(async ({ id, secret, cameraIds }, index) => {
    const secretFile = path.join(dir, `${id}.secret`);
    await writeFile(secretFile, secret);
    const cameras = cameraIds.map((cameraId, place) => ({
      id: cameraId,
      name: `Gate of ${cameraId}`,
      siteType: "square",
      managingUnit: "Test unit",
      purposes: ["public-safety"],
      retentionDays: 30,
      signPosted: true,
      location: { ...placeOf(index, place), crs: "WGS84" },
    }));
    return { id, secretFile, cameras };
  });
  const order = {
    directory: { nodes: await Promise.all(entries), endpoints: [] } as unknown as Directory,
    config: {
      server: { port: 0 },
      database: { url: server.connectionString },
      evidence: { dir: path.join(dir, "evidence") },
      security: { secretKeyFile: path.join(dir, "secret.key") },
      intake: { maxInbox },
      directory: path.join(dir, "directory.yaml"),
    },
  } satisfies BrainOrder;
  const flags =
    profileDir === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${path.resolve(profileDir)}`];
  const child = fork(path.join(import.meta.dirname, "brain-child.ts"), {
    execArgv: [...process.execArgv, ...flags],
  });
  const url = await firstMessage<string>(child, "the brain");
  return { child, url };

  function firstMessage<T>(process: ChildProcess, who: string): Promise<T> {
    process.send(order);
    return new Promise((resolve, reject) => {
      process.once("message", (message) => resolve(message as T));
      process.once("exit", (code) => reject(new Error(`${who} ended with ${String(code)}`)));
    });
  }
}

async function measure(
  brains: readonly BrainChild[],
  server: BenchServer,
  nodes: readonly IntakeNode[],
  options: RunOptions,
): Promise<RunResult> {
  const pool = new pg.Pool({ connectionString: server.connectionString, max: 2 });
  const holder = options.correlate ? undefined : await holdCorrelation(pool);
  const look = createLook(pool);
  const costs = async (): Promise<Costs> => ({
    brainS: brains.reduce((sum, { child }) => sum + treeCpuS(child.pid ?? 0), 0),
    databaseS: treeCpuS(server.pid),
    ...(await look.counts()),
  });
  const { rate, seconds, warmUpS } = options;
  let before: Costs | undefined;
  const lags: number[] = [];
  const looking = setInterval(() => {
    if (before !== undefined) {
      void look.lagS().then((lag) => lags.push(lag));
    }
  }, 5_000);
  const sending = nodes.map((node, index) => ({
    ...node,
    url: (brains[index % brains.length] as BrainChild).url,
  }));
  const load = await sendLoad({ nodes: sending, rate, warmUpS, seconds, seed: 1 }, () => {
    void costs().then((figures) => {
      before = figures;
    });
  });
  clearInterval(looking);
  const after = await costs();
  await holder?.release();
  await pool.end();
  return summarize(options, load, before ?? after, after, lags);
}

interface Costs {
  readonly brainS: number;
  readonly databaseS: number;
  readonly wal: number;
  readonly depth: number;
}

function summarize(
  options: RunOptions,
  load: LoadReport,
  start: Costs,
  end: Costs,
  lags: readonly number[],
): RunResult {
  const { seconds } = options;
  const perEvent = (cpuS: number): number => round((cpuS * 1e6) / Math.max(1, load.accepted));
  const brainS = end.brainS - start.brainS;
  const databaseS = end.databaseS - start.databaseS;
  const correlated = load.accepted - (end.depth - start.depth);
  return {
    server: options.server,
    correlate: options.correlate,
    offeredPerS: options.rate,
    acceptedPerS: Math.round(load.accepted / seconds),
    duplicatesPerS: Math.round(load.duplicates / seconds),
    rejected: load.other,
    ackMs: {
      p50: eventPercentile(load.samples, 0.5),
      p95: eventPercentile(load.samples, 0.95),
      p99: eventPercentile(load.samples, 0.99),
    },
    batches: load.samples.length,
    statuses: load.statuses,
    withoutRetryAfter: load.withoutRetryAfter,
    cpuUs: {
      brain: perEvent(brainS),
      database: perEvent(databaseS),
      load: perEvent(load.cpuS),
    },
    cpuShare: round((brainS + databaseS + load.cpuS) / seconds / os.cpus().length, 2),
    walBytesPerEvent: Math.round((end.wal - start.wal) / Math.max(1, load.accepted)),
    correlatedPerS: Math.round(correlated / seconds),
    inboxDepth: end.depth,
    correlationLagS: lags,
  };
}

function round(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** Takes the lock under which cases are written, so that only intake works. */
async function holdCorrelation(pool: pg.Pool): Promise<{ release(): Promise<void> }> {
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let ended: Promise<void> | undefined;
  await new Promise<void>((resolve, reject) => {
    ended = db.transaction().execute(async (tx) => {
      await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx);
      await lockCases(tx);
      resolve();
      await released;
    });
    ended.catch(reject);
  });
  return {
    release: async () => {
      release();
      await ended;
    },
  };
}

function createLook(pool: pg.Pool) {
  const first = async <T>(text: string): Promise<T | undefined> => {
    const { rows } = await pool.query(text);
    return rows[0] as T | undefined;
  };
  return {
    counts: async (): Promise<{ wal: number; depth: number }> => {
      const row = await first<{ wal: string; depth: string }>(
        "select pg_current_wal_lsn() - '0/0' as wal, (select count(*) from inbox) as depth",
      );
      return { wal: Number(row?.wal), depth: Number(row?.depth) };
    },
    lagS: async (): Promise<number> => {
      const row = await first<{ at: Date }>(
        `select e.accepted_at as at from inbox i join event e on e.id = i.event_id
         order by i.position limit 1`,
      );
      return row === undefined ? 0 : round((Date.now() - row.at.getTime()) / 1000);
    },
  };
}

function sendLoad(order: LoadOrder, onWarm: () => void): Promise<LoadReport> {
  const child = fork(path.join(import.meta.dirname, "load-child.ts"), {
    execArgv: process.execArgv,
  });
  return new Promise((resolve, reject) => {
    child.on("message", (message) => {
      if (message === "warm") {
        onWarm();
      } else {
        resolve(message as LoadReport);
      }
    });
    child.once("exit", (code) => reject(new Error(`the load ended with ${String(code)}`)));
    child.send(order);
  });
}
