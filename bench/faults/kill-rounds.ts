/** Kills parts of a running demonstration, and then holds all ledgers against each other. */
import { Demonstration, until } from "../support/demonstration.ts";
import { seeded } from "../support/seeded.ts";
import { checkLedger, isQuiet, type LedgerVerdict } from "./ledger-check.ts";

const VICTIMS = ["brain", "edge", "camera-server"] as const;
const RESTART_MS = 60_000;
const QUIET_MS = 120_000;

async function killOnce(demonstration: Demonstration, victim: string): Promise<number> {
  const pid = demonstration.pidOf(victim);
  if (pid === undefined) {
    throw new Error(`${victim} does not run`);
  }
  const killedAt = performance.now();
  process.kill(pid, "SIGKILL");
  await until(
    () => ![undefined, pid].includes(demonstration.pidOf(victim)),
    RESTART_MS,
    `${victim} to run again`,
  );
  return performance.now() - killedAt;
}

/** Events that the brain has put to its cases; alarms that belong together share one. */
async function eventsOf(demonstration: Demonstration): Promise<number> {
  const cases = await demonstration.cases();
  return cases.reduce((sum, { eventCount }) => sum + eventCount, 0);
}

/** @returns how long each victim was away, ms */
export async function killInRounds(
  rounds: number,
  seed: number,
): Promise<{ readonly outagesMs: Record<string, number[]>; readonly verdict: LedgerVerdict }> {
  const random = seeded(seed);
  const demonstration = await Demonstration.start();
  const outagesMs: Record<string, number[]> = {};
  try {
    await until(() => demonstration.ledger.length > 0, RESTART_MS, "the first incident");
    for (let round = 0; round < rounds; round++) {
      const victim = VICTIMS[round % VICTIMS.length] as string;
      const outage = await killOnce(demonstration, victim);
      (outagesMs[victim] ??= []).push(Math.round(outage));
      console.log(`round ${round + 1}: ${victim} killed, back after ${Math.round(outage)} ms`);
      await new Promise((resolve) => setTimeout(resolve, 1000 + random() * 6000));
    }
    const before = await eventsOf(demonstration);
    const hasNews = async (): Promise<boolean> => (await eventsOf(demonstration)) > before;
    await until(hasNews, RESTART_MS, "an event after it all");
    await until(() => isQuiet(demonstration), QUIET_MS, "everything to arrive");
    return { outagesMs, verdict: await checkLedger(demonstration) };
  } finally {
    await demonstration.stop();
  }
}
