/** One run: a world, a load, and how long it took from an event to the POST at a department. */
import { fork } from "node:child_process";
import path from "node:path";
import pg from "pg";
import { treeCpuS } from "../intake/processor-time.ts";
import {
  type Behaviour,
  type DepartmentsReport,
  type Latency,
  latencyOf,
  type LoadOrder,
  type LoadReport,
  type Mix,
} from "./orders.ts";
import { type WaitCounts, watchWaits } from "./waits.ts";
import { World } from "./world.ts";

export interface RunOptions {
  readonly mix: Mix;
  readonly rate: number;
  readonly codes: readonly string[];
  readonly warmUpS: number;
  readonly seconds: number;
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  readonly acknowledgeAfterMs: number | null;
  readonly profileDir?: string | undefined;
  readonly seed: number;
}

export interface RunResult {
  readonly mix: Mix;
  readonly rate: number;
  readonly acceptedPerS: number;
  readonly casesPerS: number;
  /** First POSTs a second at departments that neither hang nor refuse, of which the latencies are. */
  readonly deliveriesPerS: number;
  /** From the time at which the opening event was to be sent, ms. */
  readonly fromIntendedMs: Latency;
  /** From the event's acceptance, ms. */
  readonly fromAcceptedMs: Latency;
  /** From the moment the delivery was written, ms: what dispatch adds. */
  readonly fromWrittenMs: Latency;
  readonly eventAckMs: Latency;
  readonly taskAckMs: Latency;
  readonly taskAckStatuses: Readonly<Record<string, number>>;
  readonly eventStatuses: Readonly<Record<string, number>>;
  /** Deliveries that the brain calls delivered, without a 2xx in the department's ledger. */
  readonly wronglyDelivered: number;
  readonly unverified: number;
  /** Left at the end: events to correlate, deliveries to healthy departments. */
  readonly waiting: { readonly events: number; readonly deliveries: number };
  /** Processor time a second, of one core. */
  readonly cpuShare: { readonly brain: number; readonly database: number; readonly load: number };
  /** Processor time for each accepted event and each new case, ms. */
  readonly cpuMs: { readonly perEvent: number; readonly perCase: number };
  readonly waits: WaitCounts;
}

export async function run(options: RunOptions): Promise<RunResult> {
  await using world = await World.create(options);
  const url = await world.startBrain();
  const pool = new pg.Pool({ connectionString: world.server.connectionString, max: 3 });
  try {
    const look = async () => ({
      brainS: treeCpuS(world.brainPid),
      databaseS: treeCpuS(world.server.pid),
      cases: await count(pool, "select count(*)::int as n from case_file"),
      at: Date.now(),
    });
    let before = await look();
    const waits = watchWaits(pool);
    const { rate, mix, codes, warmUpS, seconds, seed } = options;
    const order = { url, nodes: world.nodes, rate, mix, codes, warmUpS, seconds, seed };
    const load = await sendLoad(order, () => {
      void look().then((figures) => {
        before = figures;
      });
    });
    const after = await look();
    const counted = waits.stop();
    const hanging = Object.entries(options.behaviours).flatMap(([code, behaviour]) =>
      behaviour === "hang" ? [code] : [],
    );
    const waiting = {
      events: await count(pool, "select count(*)::int as n from inbox"),
      deliveries: await count(
        pool,
        `select count(*)::int as n from delivery where state in ('PENDING', 'IN_FLIGHT')
         and department <> all($1)`,
        [hanging],
      ),
    };
    await settle(pool, hanging);
    // Before the ledger is read: what is delivered meanwhile would be missing in it.
    const delivered = await pool.query<{ id: string }>(
      "select id from delivery where state = 'DELIVERED'",
    );
    const report = await world.report();
    const facts = { load, report, before, after, waiting, waits: counted };
    return summarize(options, facts, delivered.rows);
  } finally {
    await pool.end();
  }
}

/** What was late is to be seen in the figures too: waits until it has come, half a minute at most. */
async function settle(pool: pg.Pool, hanging: readonly string[]): Promise<void> {
  for (let look = 0; look < 60; look += 1) {
    const left = await count(
      pool,
      `select ((select count(*) from inbox) + (select count(*) from delivery
         where state in ('PENDING', 'IN_FLIGHT') and department <> all($1)))::int as n`,
      [hanging],
    );
    if (left === 0) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

interface Look {
  readonly brainS: number;
  readonly databaseS: number;
  readonly cases: number;
  readonly at: number;
}

interface Facts {
  readonly load: LoadReport;
  readonly report: DepartmentsReport;
  readonly before: Look;
  readonly after: Look;
  readonly waiting: RunResult["waiting"];
  readonly waits: WaitCounts;
}

function summarize(
  { mix, rate, seconds, behaviours }: RunOptions,
  { load, report, before, after, waiting, waits }: Facts,
  delivered: readonly { readonly id: string }[],
): RunResult {
  const firsts = new Map<string, DepartmentsReport["posts"][number]>();
  const taken = new Set<string>();
  for (const post of report.posts) {
    if (!firsts.has(post.id)) {
      firsts.set(post.id, post);
    }
    if (post.status >= 200 && post.status < 300) {
      taken.add(post.id);
    }
  }
  const until = before.at + seconds * 1000;
  const measured = [...firsts.values()].filter(
    ({ onset, department }) =>
      onset >= before.at && onset < until && (behaviours[department] ?? "answer") === "answer",
  );
  const wallS = (after.at - before.at) / 1000;
  const cpuS = after.brainS - before.brainS + after.databaseS - before.databaseS;
  const share = (value: number): number => Math.round((value / wallS) * 100) / 100;
  const cases = after.cases - before.cases;
  const each = (count: number): number => Math.round((cpuS / Math.max(1, count)) * 1e5) / 100;
  return {
    ...{ mix, rate, acceptedPerS: Math.round(load.sent / seconds) },
    casesPerS: Math.round(cases / wallS),
    deliveriesPerS: Math.round(measured.length / seconds),
    fromIntendedMs: latencyOf(measured.map(({ at, onset }) => at - onset)),
    fromAcceptedMs: latencyOf(measured.map(({ at, acceptedAt }) => at - acceptedAt)),
    fromWrittenMs: latencyOf(measured.map(({ at, writtenAt }) => at - writtenAt)),
    eventAckMs: latencyOf(load.ackMs),
    taskAckMs: latencyOf(report.ackMs),
    ...{ taskAckStatuses: report.ackStatuses, eventStatuses: load.statuses },
    wronglyDelivered: delivered.filter(({ id }) => !taken.has(id)).length,
    ...{ unverified: report.unverified, waiting, waits },
    cpuShare: {
      brain: share(after.brainS - before.brainS),
      database: share(after.databaseS - before.databaseS),
      load: share(load.cpuS),
    },
    cpuMs: { perEvent: each(load.sent), perCase: each(cases) },
  };
}

async function count(pool: pg.Pool, text: string, values: unknown[] = []): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(text, values);
  return rows[0]?.n ?? 0;
}

export function sendLoad(order: LoadOrder, onWarm: () => void): Promise<LoadReport> {
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
