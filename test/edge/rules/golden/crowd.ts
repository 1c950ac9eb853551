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

const STEP_S = 1.2;

interface Comer {
  readonly name: string;
  readonly place: readonly [number, number];
  readonly side: -1 | 1;
  readonly startS: number;
}

/**
 * People who come to stand in rows of five, 1.5 m apart, every other row from the right. The first
 * of a row goes farthest, so that nobody passes anybody.
 */
function comers(count: number): readonly Comer[] {
  return Array.from({ length: count }, (_, i) => {
    const [row, index] = [Math.floor(i / 5), i % 5];
    const side = row % 2 === 0 ? -1 : 1;
    return {
      name: `p${i}`,
      place: [side * (1.5 * (index - 2) + 0.3), 12 + 2.2 * row],
      side,
      startS: STEP_S * index + 0.4 * row,
    };
  });
}

/** They start 4 m outside of the square and are in it 2.9 s later. */
function gathering(count: number, leavesS: number): readonly Actor[] {
  return comers(count).map(({ name, place: [x, y], side, startS }) =>
    person(
      name,
      from([side * 8, y], startS)
        .to([x, y])
        .until(leavesS)
        .to([side * 9, y]),
    ),
  );
}

const places = (count: number): readonly (readonly [number, number])[] =>
  comers(count).map(({ place }) => place);

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for people who gather and stay",
    durationS: 40,
    rule: square,
    actors: gathering(12, 25),
    // The tenth starts at 4 s.
    alarms: [{ onsetS: 6.9, toleranceS: 0.6 }],
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
        from([-8, 11.4], 0.6).to([0.5, 11.4]).until(18).to([-6, 11.4]).to([0.5, 11.4]).until(40),
      ),
    ],
    alarms: [{ onsetS: 6.9, toleranceS: 1 }],
  },
];
