import {
  from,
  person,
  type Actor,
  type Camera,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

/** A square of 8 × 8 m. */
const square = (camera: Camera): RuleInput => ({
  kind: "crowd",
  zone: camera.area(-4, 4, 11, 19),
  count: 10,
  holdS: 5,
});

/** Places in rows, 1.6 m apart and staggered, so that few stand before each other. */
function places(count: number): readonly (readonly [number, number])[] {
  return Array.from({ length: count }, (_, i) => [
    -3.2 + (i % 5) * 1.5 + (Math.floor(i / 5) % 2) * 0.7,
    12 + Math.floor(i / 5) * 2.2,
  ]);
}

/** Come one by one from the left, every half second; the last arrives in the zone at about 10 s. */
function gathering(count: number, leavesS: number): readonly Actor[] {
  return places(count).map(([x, y], index) =>
    person(
      `p${index}`,
      from([-8, y], index * 0.5)
        .to([x, y])
        .until(leavesS)
        .to([9, y]),
    ),
  );
}

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for people who gather and stay",
    durationS: 40,
    rule: square,
    actors: gathering(12, 25),
    // The tenth comes over the border at x = −4, 4 m after its start at 4.5 s.
    alarms: [{ onsetS: 7.4, toleranceS: 1 }],
  },
  {
    name: "is silent for a smaller group",
    durationS: 30,
    rule: square,
    actors: gathering(8, 25),
    alarms: [],
  },
  {
    name: "is silent for a crowd that only passes",
    durationS: 25,
    rule: (camera) => ({
      kind: "crowd",
      zone: camera.area(-4, 4, 11, 19),
      count: 10,
      holdS: 8,
    }),
    actors: places(14).map(([x, y], index) =>
      person(`p${index}`, from([x - 12, y]).to([x + 14, y], 1.7)),
    ),
    alarms: [],
  },
  {
    name: "is silent for a crowd beside the square",
    durationS: 25,
    rule: square,
    actors: [
      ...places(12).map(([x, y], index) => person(`p${index}`, from([x + 9, y + 1]).until(25))),
      person("anna", from([0, 14]).until(25)),
    ],
    alarms: [],
  },
  {
    name: "measures the density on the ground",
    durationS: 25,
    rule: (camera) => ({
      kind: "crowd",
      zone: camera.area(-2, 2, 12, 14),
      densityPerM2: 0.8,
      holdS: 5,
    }),
    isCalibrated: true,
    actors: [-1.75, -1.25, -0.75, -0.25, 0.25, 0.75, 1.25, 1.75].map((x, index) =>
      person(
        `p${index}`,
        from([x, 16], index * 0.3)
          .to([x, 13])
          .until(25),
      ),
    ),
    alarms: [{ onsetS: 3.2, toleranceS: 0.8, endS: "open" }],
  },
  {
    name: "is silent where as many have more room",
    durationS: 25,
    rule: (camera) => ({
      kind: "crowd",
      zone: camera.area(-4, 4, 11, 19),
      densityPerM2: 0.9,
      holdS: 5,
    }),
    isCalibrated: true,
    actors: places(12).map(([x, y], index) => person(`p${index}`, from([x, y]).until(25))),
    alarms: [],
  },
  {
    name: "is one alarm through a short dip",
    durationS: 45,
    rule: square,
    actors: [
      ...gathering(9, 40),
      // Both go out for three seconds.
      person(
        "other",
        from([8, 16.4], 1).to([2.9, 16.4]).until(18).to([6.5, 16.4]).to([2.9, 16.4]).until(40),
      ),
      person(
        "comer",
        from([-8, 11.4]).to([0.5, 11.4]).until(18).to([-6, 11.4]).to([0.5, 11.4]).until(40),
      ),
    ],
    alarms: [{ onsetS: 6.9, toleranceS: 1 }],
  },
];
