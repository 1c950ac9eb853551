/** A camera on the ground looks up a house front 25 m away; its picture is about 17 m high there. */
import {
  Camera,
  from,
  person,
  thing,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

const camera = new Camera({ heightM: 1.5, tiltDeg: -15, fovDeg: 60 });
const rule = (): RuleInput => ({
  kind: "thrown-object",
  zone: [
    [0.05, 0],
    [0.95, 0],
    [0.95, 0.95],
    [0.05, 0.95],
  ],
  clearS: 3,
  cooldownS: 10,
});
const BOTTLE = { lengthM: 0.3, widthM: 0.3, heightM: 0.3 };
const FRAME_S = 0.1;

/** Something that moves at one speed, in picture fractions and seconds. */
function drift(
  fromS: number,
  seconds: number,
  [left, top]: readonly [number, number],
  [right, down]: readonly [number, number],
  side = 0.02,
): NonNullable<NonNullable<Scenario["picture"]>["moving"]>[number][] {
  return Array.from({ length: Math.round(seconds / FRAME_S) }, (_, i) => ({
    fromS: fromS + i * FRAME_S,
    untilS: fromS + (i + 1) * FRAME_S,
    box: {
      left: left + right * i * FRAME_S,
      top: top + down * i * FRAME_S,
      width: side,
      height: side,
    },
  }));
}

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for a bottle that falls out of a window",
    durationS: 15,
    camera,
    rule,
    actors: [thing("bottle", from([2, 25], 3, 14).fly(), BOTTLE)],
    alarms: [{ onsetS: 3, toleranceS: 0.4 }],
  },
  {
    name: "alarms for a bag thrown outwards and up",
    durationS: 15,
    camera,
    rule,
    actors: [
      thing("bag", from([-5, 25], 4, 10).fly([4, -2, 3]), {
        lengthM: 0.5,
        widthM: 0.5,
        heightM: 0.5,
      }),
    ],
    alarms: [{ onsetS: 4.3, toleranceS: 0.5 }],
  },
  {
    name: "alarms for a stone that comes into sight fast",
    durationS: 12,
    camera,
    rule,
    actors: [thing("stone", from([1, 25], 3, 24).fly(), BOTTLE)],
    alarms: [{ onsetS: 4.1, toleranceS: 0.5 }],
  },
  {
    name: "tells a second fall in the same alarm, past people who walk below",
    durationS: 20,
    camera,
    rule,
    actors: [
      thing("bottle", from([2, 25], 3, 14).fly(), BOTTLE),
      thing("can", from([-3, 25], 6, 12).fly([1, 0, 0]), BOTTLE),
      person("anna", from([-9, 24], 0).to([9, 24])),
    ],
    alarms: [{ onsetS: 3, toleranceS: 0.4, endS: 6 + 1.5 }],
  },
  {
    name: "is silent for birds that pass level, rising and gliding down",
    durationS: 20,
    camera,
    rule,
    actors: [thing("bird", from([-8, 24], 2, 9).to([8, 24], 9), BOTTLE)],
    picture: {
      moving: [
        ...drift(6, 2, [0.2, 0.7], [0.25, -0.2]),
        ...drift(10, 2.5, [0.8, 0.2], [-0.25, 0.16]),
      ],
    },
    alarms: [],
  },
  {
    name: "is silent for leaves and for a lift",
    durationS: 20,
    camera,
    rule,
    actors: [],
    picture: {
      moving: [
        ...drift(2, 5, [0.3, 0.1], [0.03, 0.1]),
        ...drift(4, 4, [0.6, 0.2], [-0.04, 0.13]),
        ...drift(3, 10, [0.8, 0.1], [0, 0.07], 0.06),
      ],
    },
    alarms: [],
  },
  {
    name: "is silent for rain",
    durationS: 10,
    camera,
    rule,
    actors: [],
    picture: {
      moving: Array.from({ length: 60 }, (_, i) =>
        drift(
          1 + ((i * 37) % 60) / 10,
          0.8,
          [0.1 + ((i * 61) % 80) / 100, 0.05],
          [0.05, 0.9],
          0.01,
        ),
      ).flat(),
    },
    alarms: [],
  },
  {
    name: "is silent for lights that go on and off in windows",
    durationS: 15,
    camera,
    rule,
    actors: [],
    picture: {
      moving: [0.2, 0.35, 0.5, 0.65].map((top, i) => ({
        fromS: 3 + i * 0.8,
        untilS: 3.2 + i * 0.8,
        box: { left: 0.5, top, width: 0.04, height: 0.05 },
      })),
    },
    alarms: [],
  },
  {
    name: "is silent for people who walk in front of the house",
    durationS: 20,
    camera,
    rule,
    actors: [
      person("anna", from([-9, 24], 0).to([9, 24])),
      person("ben", from([6, 22], 2).to([-6, 18]).to([0, 23])),
    ],
    alarms: [],
  },
];
