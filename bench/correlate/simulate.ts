/** One seeded run of the town, from happenings to what arrives at the brain. */
import type { CameraWay } from "../../brain/correlate/index.ts";
import { seeded } from "../support/seeded.ts";
import { pick } from "./chance.ts";
import { drawTime, makeHappening } from "./happening.ts";
import type { Partition } from "./judge.ts";
import { buildTown, type Town } from "./town.ts";
import { type Arrival, send } from "./wire.ts";
import { Witnesses, waysOf } from "./witness.ts";

export interface SimulationPlan {
  readonly seed: number;
  readonly sizeM: number;
  readonly cameras: number;
  readonly days: number;
  readonly happenings: number;
  readonly falseAlarms: number;
}

export interface Simulation {
  readonly town: Town;
  readonly arrivals: readonly Arrival[];
  readonly ways: readonly CameraWay[];
  /** Of every alarm: which happening it is about. */
  readonly truth: Partition;
  readonly kindOf: ReadonlyMap<number, string>;
  /** Node → clock error that its heartbeat reports, ms. */
  readonly skews: ReadonlyMap<string, number>;
}

const START = Date.UTC(2026, 4, 4);
const DAY = 24 * 3_600_000;

export function simulate(plan: SimulationPlan): Simulation {
  const random = seeded(plan.seed);
  const town = buildTown({ ...plan, camerasPerNode: 12 }, random);
  const witnesses = new Witnesses(town, random);
  const kindOf = new Map<number, string>();
  for (let id = 0; id < plan.happenings; id += 1) {
    const at = drawTime(START, plan.days, random);
    const happening = makeHappening(id, at, town, random);
    kindOf.set(id, happening.kind);
    witnesses.watch(happening);
  }
  for (let i = 0; i < plan.falseAlarms; i += 1) {
    const id = plan.happenings + i;
    kindOf.set(id, "false");
    witnesses.mistake(pick(town.cameras, random), START + random() * plan.days * DAY, id);
  }
  const truth = new Map<string, number>();
  for (const { event, truth: id } of witnesses.events) {
    truth.set(event.alarmId, id);
  }
  return {
    town,
    arrivals: send(witnesses.events, town, START, plan.days, random),
    ways: waysOf(town),
    truth,
    kindOf,
    skews: new Map(town.nodes.map(({ id, measuredSkewMs }) => [id, measuredSkewMs])),
  };
}
