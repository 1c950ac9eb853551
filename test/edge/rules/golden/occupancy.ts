import {
  actor,
  car,
  from,
  person,
  type Camera,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

/** A street across the view before a school gate; four vehicles at once are too many. */
const gate = (camera: Camera): RuleInput => ({
  kind: "occupancy",
  zone: camera.area(-8, 8, 13, 24),
  limit: 4,
  holdS: 10,
  clearS: 5,
});

/** Comes from the left or the right at 4 m/s, stops at x, stays and drives on. */
function visit(name: string, x: number, y: number, arrivesS: number, leavesS: number) {
  const side = x < 0 ? -1 : 1;
  const comes = from([side * 16, y], arrivesS - (16 - Math.abs(x)) / 4).to([x, y], 4);
  return car(name, comes.until(leavesS).to([side * 16, y], 4));
}

/** In two rows, so far apart that the first hides nothing of the second. */
const three = [visit("a", -6, 22, 4, 50), visit("b", -5, 14.5, 5, 50), visit("c", 6, 22, 6, 50)];

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms when the street stays full, from the moment it was",
    durationS: 60,
    rule: gate,
    actors: [...three, visit("d", 5, 14.5, 8, 40)],
    // The fourth passes the zone's border before it stops; nothing hides it on its way.
    alarms: [{ onsetS: 7.3, toleranceS: 0.6, endS: 40.5, measures: { count: 4 } }],
  },
  {
    name: "is silent for one fewer",
    durationS: 50,
    rule: gate,
    actors: three,
    alarms: [],
  },
  {
    name: "is silent when the fourth only passes",
    durationS: 50,
    rule: gate,
    actors: [
      ...three,
      car("d", from([-16, 18], 12).to([16, 18], 5)),
      car("e", from([16, 18], 25).to([-16, 18], 5)),
      visit("f", 1, 18.5, 36, 42),
    ],
    alarms: [],
  },
  {
    name: "does not count people, nor cars behind the street",
    durationS: 40,
    rule: gate,
    actors: [
      ...three,
      person("anna", from([0, 18]).until(40)),
      person("boris", from([1, 15]).until(40)),
      car("parked", from([1, 26]).until(40)),
    ],
    alarms: [],
  },
  {
    name: "goes on through a short lull",
    durationS: 75,
    rule: (camera) => ({ ...gate(camera), clearS: 8 }),
    actors: [
      ...three,
      visit("d", 5, 14.5, 8, 26),
      visit("e", 5, 14.5, 30, 60),
      visit("f", 0, 22, 38, 60),
    ],
    alarms: [{ onsetS: 7.3, toleranceS: 0.6, endS: 50.5, measures: { count: 4 } }],
  },
  {
    name: "counts bicycles where it is told to",
    durationS: 40,
    rule: (camera) => ({
      kind: "occupancy",
      zone: camera.area(-4, 4, 12, 16),
      classes: ["bicycle"],
      limit: 5,
      holdS: 10,
    }),
    actors: [-3, -1.5, 0, 1.5, 3].map((x, index) =>
      actor(`bike ${index}`, "bicycle", from([x, 9], index).to([x, 14]).until(40)),
    ),
    alarms: [{ onsetS: 6.2, toleranceS: 0.6, endS: "open", measures: { count: 5 } }],
  },
];
