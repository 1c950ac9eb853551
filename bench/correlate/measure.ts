/** One town, measured: right, the same in every order, and fast. */
import { seeded } from "../support/seeded.ts";
import { gaussian, shuffle } from "./chance.ts";
import { groupCount, identicalShare, type PairScore, pairScore, type Partition } from "./judge.ts";
import { run } from "./run.ts";
import { simulate, type Simulation, type SimulationPlan } from "./simulate.ts";
import type { Arrival } from "./wire.ts";

export type Plan = Omit<SimulationPlan, "seed">;

export interface Figures {
  readonly seed: number;
  readonly events: number;
  readonly alarms: number;
  /** Groups in truth; each false alarm is one. */
  readonly truth: number;
  readonly falseAlarms: number;
  /** Over pairs of alarms: pairs of events would count the certain ones of one alarm, too. */
  readonly score: PairScore;
  readonly eventScore: PairScore;
  readonly ratio: number;
  /** The same over real happenings and the incidents with any of their alarms. */
  readonly happeningRatio: number;
  readonly merges: number;
  readonly refused: number;
  readonly suppressed: number;
  readonly mostAlarms: number;
  readonly identical: Readonly<Record<string, number>>;
  readonly speed: {
    readonly perSecond: number;
    readonly perCpuSecond: number;
    readonly raw: readonly { readonly seconds: number; readonly cpuSeconds: number }[];
  };
}

export interface Bar {
  readonly name: string;
  readonly met: (figures: Figures) => boolean;
  /** Only the full size can meet it. */
  readonly needsSize: boolean;
}

export const BARS: readonly Bar[] = [
  { name: "at least 200 000 events", met: ({ events }) => events >= 200_000, needsSize: true },
  { name: "pair-F1 ≥ 0.97", met: ({ score }) => score.f1 >= 0.97, needsSize: false },
  { name: "incidents ÷ truth ≤ 1.05", met: ({ ratio }) => ratio <= 1.05, needsSize: false },
  {
    name: "≥ 99.8 % identical incidents in every order",
    met: ({ identical }) => Object.values(identical).every((share) => share >= 0.998),
    needsSize: false,
  },
  {
    name: "≥ 100 000 events/s on one core",
    met: ({ speed }) => Math.max(speed.perSecond, speed.perCpuSecond) >= 100_000,
    needsSize: true,
  },
];

/** What is untouched for so long is out of memory, while events come in their natural order. */
const KEEP_MS = 6 * 3_600_000;

export function measure(plan: SimulationPlan, runs: number): Figures {
  const simulation = simulate(plan);
  const { arrivals, truth, kindOf } = simulation;
  const first = run(simulation, arrivals, { keepMs: KEEP_MS });
  const { partition } = first;
  const raw = [first];
  while (raw.length < runs) {
    raw.push(run(simulation, arrivals, { keepMs: KEEP_MS }));
  }
  const isReal = (alarm: string): boolean => kindOf.get(Number(truth.get(alarm))) !== "false";
  const truths = groupCount(truth);
  return {
    seed: plan.seed,
    events: arrivals.length,
    alarms: truth.size,
    truth: truths,
    falseAlarms: plan.falseAlarms,
    score: pairScore(partition, truth),
    eventScore: eventScore(arrivals, partition, truth),
    ratio: groupCount(partition) / truths,
    happeningRatio: groupCount(only(partition, isReal)) / groupCount(only(truth, isReal)),
    merges: first.merges,
    refused: first.refused,
    suppressed: first.stormed,
    mostAlarms: first.mostAlarms,
    identical: inOtherOrders(simulation, partition, plan.seed),
    speed: {
      perSecond: Math.round(arrivals.length / median(raw.map(({ seconds }) => seconds))),
      perCpuSecond: Math.round(arrivals.length / median(raw.map(({ cpuSeconds }) => cpuSeconds))),
      raw: raw.map(({ seconds, cpuSeconds }) => ({ seconds, cpuSeconds })),
    },
  };
}

function inOtherOrders(
  simulation: Simulation,
  partition: Partition,
  seed: number,
): Record<string, number> {
  const { arrivals } = simulation;
  const random = seeded(seed + 1_000);
  const jittered = arrivals
    .map((arrival) => ({ arrival, at: arrival.arrivedAt + gaussian(random) * 30_000 }))
    .sort((a, b) => a.at - b.at)
    .map(({ arrival }) => arrival);
  const orders = {
    "jitter of 30 s": jittered,
    reversal: [...arrivals].reverse(),
    shuffling: shuffle(arrivals, random),
  };
  return Object.fromEntries(
    Object.entries(orders).map(([name, order]) => [
      name,
      identicalShare(partition, run(simulation, inTimeOf(order, arrivals)).partition),
    ]),
  );
}

/** The brain's clock runs forward whatever arrives: the nth event has the nth time. */
function inTimeOf(order: readonly Arrival[], arrivals: readonly Arrival[]): Arrival[] {
  return order.map((arrival, index) => ({
    ...arrival,
    arrivedAt: arrivals[index]?.arrivedAt ?? arrival.arrivedAt,
  }));
}

function eventScore(arrivals: readonly Arrival[], found: Partition, truth: Partition): PairScore {
  const events = new Map(arrivals.map(({ event }) => [event.id, event.alarmId]));
  const over = (partition: Partition): Partition =>
    new Map([...events].map(([id, alarm]) => [id, partition.get(alarm) ?? alarm]));
  return pairScore(over(found), over(truth));
}

function only(partition: Partition, keep: (alarm: string) => boolean): Partition {
  return new Map([...partition].filter(([alarm]) => keep(alarm)));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
