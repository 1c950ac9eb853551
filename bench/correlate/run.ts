/** Puts arrivals through correlation and reads the groups that come out. */
import {
  correlationContext,
  CorrelationState,
  type CorrelationPolicy,
  createCameraGraph,
  decide,
  DEFAULT_CORRELATION,
  sightingOf,
} from "../../brain/correlate/index.ts";
import type { Partition } from "./judge.ts";
import type { Simulation } from "./simulate.ts";
import type { Arrival } from "./wire.ts";

export interface RunResult {
  readonly partition: Partition;
  readonly merges: number;
  readonly opened: number;
  readonly refused: number;
  readonly stormed: number;
  readonly seconds: number;
  /** Of all threads, the collector's among them. */
  readonly cpuSeconds: number;
  /** Most alarms in memory at once. */
  readonly mostAlarms: number;
}

export interface RunOptions {
  readonly policy?: Partial<CorrelationPolicy>;
  /** Incidents untouched for so long are forgotten, ms; absent: never. */
  readonly keepMs?: number;
}

const FORGET_EVERY = 1_000;

export function run(
  { ways, skews }: Pick<Simulation, "ways" | "skews">,
  arrivals: readonly Arrival[],
  { policy, keepMs }: RunOptions = {},
): RunResult {
  const state = new CorrelationState();
  let next = 0;
  const context = correlationContext({
    newId: () => String((next += 1)),
    graph: createCameraGraph(ways),
    policy: { ...DEFAULT_CORRELATION, ...policy },
  });
  const alarms = new Map<string, string>();
  const into = new Map<string, string>();
  let [merges, refused, stormed, mostAlarms] = [0, 0, 0, 0];
  const accepted = arrivals.map(({ event, arrivedAt }) => ({ ...event, acceptedAt: arrivedAt }));
  const usedBefore = process.cpuUsage();
  const startedAt = performance.now();
  for (const [index, event] of accepted.entries()) {
    const sighting = sightingOf(event, skews.get(event.nodeId) ?? null);
    for (const command of decide(state, sighting, context)) {
      state.apply(command);
      if (command.kind === "open" || command.kind === "join") {
        alarms.set(event.alarmId, command.incidentId);
        refused += command.explanation.refused.length;
      } else if (command.kind === "merge") {
        into.set(command.loserId, command.winnerId);
        merges += 1;
      } else if (command.kind === "suppress" && command.by === "storm") {
        stormed += 1;
      }
    }
    if (keepMs !== undefined && index % FORGET_EVERY === 0) {
      mostAlarms = Math.max(mostAlarms, state.alarmCount);
      state.forget(event.acceptedAt - keepMs);
    }
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const used = process.cpuUsage(usedBefore);
  const survivorOf = (id: string): string => {
    let at = id;
    for (let to = into.get(at); to !== undefined; to = into.get(at)) {
      at = to;
    }
    return at;
  };
  return {
    partition: new Map([...alarms].map(([alarm, id]) => [alarm, survivorOf(id)])),
    merges,
    opened: next,
    refused,
    stormed,
    seconds,
    cpuSeconds: (used.user + used.system) / 1e6,
    mostAlarms: Math.max(mostAlarms, state.alarmCount),
  };
}
