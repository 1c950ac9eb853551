import {
  Camera,
  car,
  from,
  person,
  thing,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

const camera = new Camera();
const STATUE = { lengthM: 0.8, widthM: 0.8, heightM: 1.6 };
const PLACE = [0, 15] as const;

const rule = (): RuleInput => {
  const { left, top, width, height } = camera.boxOf({
    x: PLACE[0],
    y: PLACE[1],
    z: 0,
    headingDeg: 90,
    ...STATUE,
  }) as NonNullable<ReturnType<Camera["boxOf"]>>;
  return {
    kind: "removed-object",
    zone: [
      [left, top],
      [left + width, top],
      [left + width, top + height],
      [left, top + height],
    ],
    goneS: 20,
    clearS: 5,
    cooldownS: 10,
  };
};

const stands = from(PLACE, 0);
const statue = (path = stands.stay(200)): ReturnType<typeof thing> => thing("statue", path, STATUE);

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms when a thief carries the thing away",
    durationS: 70,
    camera,
    rule,
    actors: [
      statue(stands.stay(15).to([9, 15], 1.2)),
      person("thief", from([-9, 14.3], 2).to([0, 14.3]).until(15).to([9, 14.3], 1.2)),
    ],
    // The thief hides the thing from here on: nobody can tell when it went.
    alarms: [{ onsetS: 8.1, toleranceS: 0.5, endS: "open" }],
  },
  {
    name: "alarms once while people keep walking past the empty place",
    durationS: 120,
    camera,
    rule,
    actors: [
      statue(stands.stay(10).to([-10, 15], 2)),
      ...Array.from({ length: 8 }, (_, i) =>
        person(`p${i}`, from([-8, 13], 15 + 11 * i).to([8, 13])),
      ),
    ],
    alarms: [{ onsetS: 10, toleranceS: 1, endS: "open" }],
  },
  {
    name: "ends when the thing is back",
    durationS: 110,
    camera,
    rule,
    actors: [statue(stands.stay(10).to([9, 15], 2).until(60).to([0, 15], 2).stay(40))],
    alarms: [{ onsetS: 10, toleranceS: 1, endS: 64.5 }],
  },
  {
    name: "is silent when the thing is back soon",
    durationS: 60,
    camera,
    rule,
    actors: [statue(stands.stay(10).to([5, 15], 2).stay(4).to([0, 15], 2).stay(60))],
    alarms: [],
  },
  {
    name: "is silent while somebody stands in front of it",
    durationS: 90,
    camera,
    rule,
    actors: [
      statue(),
      person("anna", from([-8, 13.5], 2).to([0.1, 13.5]).stay(60).to([8, 13.5])),
      person("ben", from([8, 13], 2).to([0.5, 13]).stay(50).to([-8, 13])),
    ],
    alarms: [],
  },
  {
    name: "is silent while a car is parked in front of it",
    durationS: 120,
    camera,
    rule,
    actors: [statue(), car("car", from([12, 12], 5).to([0, 12], 5).stay(95).to([-12, 12], 5))],
    alarms: [],
  },
  {
    name: "is silent for a van that the model does not know, parked in front of it",
    durationS: 90,
    camera,
    rule,
    actors: [
      statue(),
      thing("van", from([14, 11], 5).to([0.5, 11], 5).stay(80), {
        lengthM: 5,
        widthM: 2,
        heightM: 2.2,
      }),
    ],
    alarms: [],
  },
  {
    name: "is silent for a shadow that comes over it and for sunlight",
    durationS: 120,
    camera,
    rule,
    actors: [statue()],
    picture: {
      changes: [
        { fromS: 10, untilS: 22, box: { left: 0.46, top: 0.2, width: 0.08, height: 0.3 } },
        { fromS: 40, untilS: 100, box: { left: 0.1, top: 0.1, width: 0.7, height: 0.8 } },
      ],
    },
    alarms: [],
  },
  {
    name: "is silent for a change beside it that only touches it",
    durationS: 60,
    camera,
    rule,
    actors: [
      statue(),
      thing("box", from([8, 14.5], 2).to([0.75, 14.5]).stay(50), {
        lengthM: 0.6,
        widthM: 0.5,
        heightM: 0.5,
      }),
    ],
    alarms: [],
  },
];
