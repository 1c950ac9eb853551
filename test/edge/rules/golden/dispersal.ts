import type { PointM } from "../../../../edge/ground/index.ts";
import {
  from,
  person,
  type Actor,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

const rule = (): RuleInput => ({
  kind: "dispersal",
  count: 4,
  withinS: 2,
  clearS: 5,
  cooldownS: 10,
});

const CIRCLE: readonly PointM[] = [
  [-3.3, 0.2],
  [-1.9, 2.2],
  [-1.4, -1.6],
  [0, 0.6],
  [1.5, -1.8],
  [1.7, 2],
  [3.2, 0],
];

/** A ring of people around a place, each of whom does something of their own. */
function group(
  [x, y]: PointM,
  way: (place: PointM, index: number) => Actor["path"],
  size = CIRCLE.length,
): Actor[] {
  return CIRCLE.slice(0, size).map(([dx, dy], index) =>
    person(`p${index}`, way([x + dx, y + dy], index)),
  );
}

/** Ends of ways out of a middle, across and along the view. */
const OUT: readonly PointM[] = [
  [-9, 15],
  [-7, 24],
  [-5, 10],
  [0, 27],
  [3, 10],
  [9, 22],
  [10, 15],
];
const out = (index: number): PointM => OUT[index] as PointM;

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms when a group that stands together bursts apart",
    durationS: 30,
    rule,
    actors: [
      // The camera learns from him how people shrink with distance.
      person("stroller", from([6, 9], 0).to([9, 26])),
      ...group([0, 16], (place, i) =>
        from(place, 0)
          .stay(15 + i * 0.15)
          .to(out(i), 3.4),
      ),
    ],
    alarms: [{ onsetS: 15, toleranceS: 0.6 }],
  },
  {
    name: "alarms when a group that stands together bursts apart, in metres",
    durationS: 20,
    rule,
    isCalibrated: true,
    actors: group([0, 16], (place, i) =>
      from(place, 0)
        .stay(6 + i * 0.15)
        .to(out(i), 3.4),
    ),
    alarms: [{ onsetS: 6, toleranceS: 0.6 }],
  },
  {
    name: "alarms when people who walk together stop short and run apart",
    durationS: 20,
    rule,
    isCalibrated: true,
    actors: group([-6, 16], ([x, y], i) =>
      from([x, y], 0)
        .to([x + 6, y], 1.2)
        .stay(1.2 + 0.1 * i)
        .to(out(i), 3.2),
    ),
    alarms: [{ onsetS: 6.2, toleranceS: 0.6 }],
  },
  {
    name: "is silent for a group that walks together",
    durationS: 20,
    rule,
    actors: group([-7, 15], ([x, y]) => from([x, y], 0).to([x + 14, y], 1.4)),
    alarms: [],
  },
  {
    name: "is silent when a bus stop empties at a walk",
    durationS: 30,
    rule,
    actors: group([0, 16], (place, i) =>
      from(place, 0)
        .stay(4 + 1.5 * i)
        .to(out(i), 1.5),
    ),
    alarms: [],
  },
  {
    name: "is silent for runners who pass in a group",
    durationS: 15,
    rule,
    actors: group([-13, 15], ([x, y]) => from([x, y], 1).to([x + 26, y], 3.5)),
    alarms: [],
  },
  {
    name: "is silent when all run to catch the same bus",
    durationS: 20,
    rule,
    isCalibrated: true,
    actors: group([-4, 16], ([x, y], i) =>
      from([x, y], 0)
        .stay(6 + i * 0.2)
        .to([x + 13, y + 1], 3.5),
    ),
    alarms: [],
  },
  {
    name: "is silent when three of the group run apart and the others stay",
    durationS: 20,
    rule,
    actors: group([0, 16], (place, i) =>
      i < 3 ? from(place, 0).stay(6).to(out(i), 3.4) : from(place, 0).stay(18),
    ),
    alarms: [],
  },
  {
    name: "is silent when four run who were not together",
    durationS: 20,
    rule,
    actors: [
      person("a", from([-9, 14], 0).stay(6).to([-2, 14], 4)),
      person("b", from([-3, 24], 0).stay(6).to([-12, 24], 4)),
      person("c", from([3, 13], 0).stay(6.3).to([8, 11], 4)),
      person("d", from([9, 22], 0).stay(6.5).to([2, 22], 4)),
    ],
    alarms: [],
  },
  {
    name: "is silent when they run off one by one",
    durationS: 45,
    rule,
    actors: group([0, 16], (place, i) =>
      from(place, 0)
        .stay(5 + 7 * i)
        .to(out(i), 3.4),
    ),
    alarms: [],
  },
];
