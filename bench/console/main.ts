/**
 * `npm run bench:console [-- --cases 100000 --rate 500 --minutes 10 --news 20]`: the control room in
 * real Chromium on a brain with very many open cases, while events arrive: how soon the first view
 * can be used, how soon a new S0 is on every open screen, how smoothly the list scrolls, and
 * whether the pages' memory grows.
 */
import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { catalogue } from "../../protocol/index.ts";
import { openBrowser, type Browser } from "../../test/support/browser.ts";
import { MIXES, type LoadOrder, type LoadReport } from "../dispatch/orders.ts";
import { World } from "../dispatch/world.ts";
import { seedBigTown } from "../support/big-town.ts";
import { distributionOf, storeResult } from "../support/report.ts";
import { sendOne } from "./send-one.ts";
import { Screen, type ViewName } from "./screen.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "100000" },
    rate: { type: "string", default: "500" },
    minutes: { type: "string", default: "10" },
    news: { type: "string", default: "20" },
    openings: { type: "string", default: "5" },
  },
});
const BARS = { usableMs: 2000, urgentMs: 1000, framesPerS: 50 };
const URGENT_TIMEOUT_MS = 30_000;
const URGENT = "FIR.SMOKE";
/** The load never raises an S0 of its own: the one that is waited for would not be known. */
const CODES = catalogue.eventTypes
  .filter(({ line, sla }) => line !== "B3" && line !== "B4" && sla !== "S0")
  .map(({ code }) => code);

const minutes = Number(values.minutes);
await using world = await World.create({ behaviours: {}, acknowledgeAfterMs: 2_000 });
await world.startBrain(); // Makes the tables.
await world.stopBrain();
await seed(Number(values.cases));
const url = await world.startBrain();
const browser = await openBrowser();
try {
  const quiet = await openings(browser, "without load");
  const load = startLoad(url, minutes);
  const busy = await openings(browser, `at ${values.rate} events/s`);
  const screens = await Promise.all(
    (["cases", "wall"] as const).map(async (view) => (await opened(browser, view)).screen),
  );
  const urgentMs = await newsOn(screens);
  const scrolling = await (screens[0] as Screen).scroll(10);
  console.log("scrolling:", scrolling);
  const heapMb = await watchMemory(screens, load);
  const report = await load;
  const figures = {
    ...{ cases: Number(values.cases), rate: Number(values.rate), minutes },
    ...{ usableMs: { quiet, busy }, urgentMs: distributionOf(urgentMs), scrolling, heapMb },
    load: { sent: report.sent, statuses: report.statuses },
  };
  const verdict = {
    firstView: Object.values(busy).every(({ p50 }) => p50 <= BARS.usableMs),
    urgent: figures.urgentMs.p95 <= BARS.urgentMs,
    scrolling: scrolling.framesPerS >= BARS.framesPerS,
  };
  console.log("\n", JSON.stringify(figures, null, 1), "\n", verdict);
  storeResult("console", { ...figures, verdict });
  process.exitCode = Object.values(verdict).every(Boolean) ? 0 : 1;
} finally {
  await browser.close();
}

async function seed(cases: number): Promise<void> {
  const pool = new pg.Pool({ connectionString: world.server.connectionString, max: 2 });
  const cameras = world.nodes.flatMap(({ id, cameraIds }) =>
    cameraIds.map((cameraId) => ({ nodeId: id, cameraId })),
  );
  const tookMs = await seedBigTown(pool, { cases, now: Date.now(), cameras });
  await pool.end();
  console.log(`${cases} open cases seeded in ${Math.round(tookMs / 1000)} s`);
}

function opened(on: Browser, view: ViewName): ReturnType<typeof Screen.open> {
  return Screen.open(on.context, url, view);
}

/** How long each view takes from the address to its first rows, nothing cached. */
async function openings(on: Browser, when: string) {
  const times: Record<ViewName, number[]> = { cases: [], wall: [] };
  for (let round = 0; round < Number(values.openings); round += 1) {
    for (const view of ["cases", "wall"] as const) {
      const { screen, usableMs } = await opened(on, view);
      times[view].push(usableMs);
      await screen.page.close();
    }
  }
  const found = { cases: distributionOf(times.cases), wall: distributionOf(times.wall) };
  console.log(`first view usable ${when}, ms:`, found);
  return found;
}

function startLoad(to: string, forMinutes: number): Promise<LoadReport> {
  const script = path.join(import.meta.dirname, "../dispatch/load-child.ts");
  const child: ChildProcess = fork(script, { execArgv: process.execArgv });
  const order: LoadOrder = {
    ...{ url: to, nodes: world.nodes.slice(1), rate: Number(values.rate), mix: MIXES.realistic },
    ...{ codes: CODES, warmUpS: 5, seconds: forMinutes * 60, seed: 7 },
  };
  child.send(order);
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("the load ended without a report")));
    child.on("message", (message) => {
      if (message !== "warm") {
        resolve(message as LoadReport);
      }
    });
  });
}

/** From the brain's acceptance of an event to the banner on the last of the screens, ms. */
async function newsOn(screens: readonly Screen[]): Promise<readonly number[]> {
  const node = world.nodes[0];
  const waits: number[] = [];
  for (let round = 0; node !== undefined && round < Number(values.news); round += 1) {
    await Promise.all(screens.map((screen) => screen.note()));
    const acceptedAt = await sendOne(url, node, URGENT, round);
    const seen = await Promise.all(screens.map((screen) => screen.urgentAt(URGENT_TIMEOUT_MS)));
    waits.push(Math.max(...seen) - acceptedAt);
  }
  console.log("a new S0 on every screen after, ms:", distributionOf(waits));
  return waits;
}

/** Once a minute while the load lasts. */
async function watchMemory(screens: readonly Screen[], load: Promise<unknown>) {
  const ended = load.then(() => true);
  const samples: number[][] = [];
  for (;;) {
    samples.push(await Promise.all(screens.map((screen) => screen.heapMb())));
    console.log("heaps, MB:", samples.at(-1)?.map(Math.round));
    const pause = new Promise<false>((resolve) => setTimeout(() => resolve(false), 60_000));
    if (await Promise.race([ended, pause])) {
      return samples;
    }
  }
}
