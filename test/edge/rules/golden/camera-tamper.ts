import {
  actor,
  from,
  person,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

type Quality = NonNullable<NonNullable<Scenario["picture"]>["quality"]>[number];

const ALL: ("covered" | "moved" | "blurred" | "dark" | "frozen" | "lost")[] = [
  "covered",
  "moved",
  "blurred",
  "dark",
  "frozen",
  "lost",
];
const rule = (): RuleInput => ({
  kind: "camera-tamper",
  checks: ALL,
  holdS: 5,
  clearS: 5,
  cooldownS: 10,
});
const sudden = (): RuleInput => ({ kind: "camera-tamper", checks: ["covered", "moved"] });

const walkers = [
  person("anna", from([-9, 15], 0).to([9, 15])),
  person("ben", from([9, 17], 20).to([-9, 17])),
];
const COVER = { structure: 0.05, sharpness: 1, alignment: 0.02, brightness: 40 };

/** A quality that goes from one value to another over some time, second by second. */
function fade(
  fromS: number,
  seconds: number,
  at: (share: number) => Omit<Quality, "fromS" | "untilS">,
): Quality[] {
  return Array.from({ length: seconds + 1 }, (_, i) => ({ fromS: fromS + i, ...at(i / seconds) }));
}

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms when a bag is put over the camera, until it is taken off",
    durationS: 70,
    rule,
    actors: walkers,
    picture: { quality: [{ fromS: 20, untilS: 50, ...COVER }] },
    alarms: [{ onsetS: 20, endS: 50, measures: { covered: 1 } }],
  },
  {
    name: "alarms when the camera is turned away",
    durationS: 50,
    rule,
    actors: walkers,
    picture: { quality: [{ fromS: 20, structure: 0.9, alignment: 0.15 }] },
    alarms: [{ onsetS: 20, endS: "open", measures: { moved: 1 } }],
  },
  {
    name: "alarms when spray blurs the lens",
    durationS: 50,
    rule,
    actors: walkers,
    picture: { quality: [{ fromS: 20, untilS: 40, structure: 0.6, sharpness: 0.2 }] },
    alarms: [{ onsetS: 20, endS: 40, measures: { blurred: 1 } }],
  },
  {
    name: "alarms when the picture stands still for longer than a still scene does",
    durationS: 130,
    rule,
    actors: [],
    picture: { frozen: [{ fromS: 15, untilS: 100 }] },
    alarms: [{ onsetS: 15, endS: 100, measures: { frozen: 1 } }],
  },
  {
    name: "alarms when no frame comes any more, until one comes again",
    durationS: 60,
    rule,
    actors: walkers,
    picture: { lost: [{ fromS: 15, untilS: 40 }] },
    alarms: [{ onsetS: 15, endS: 39.5, toleranceS: 1, measures: { lost: 1 } }],
  },
  {
    name: "alarms when it is too dark to see",
    durationS: 120,
    rule: () => ({ kind: "camera-tamper", checks: ["dark"] }),
    actors: [],
    picture: { quality: fade(10, 60, (s) => ({ brightness: 120 - 110 * s })) },
    alarms: [{ onsetS: 10 + (60 * 90) / 110, toleranceS: 1.5, endS: "open" }],
  },
  {
    name: "says in one alarm that a covered camera was then turned",
    durationS: 60,
    rule,
    actors: [],
    picture: {
      quality: [
        { fromS: 15, untilS: 30, ...COVER },
        { fromS: 30, structure: 0.8, alignment: 0.1 },
      ],
    },
    alarms: [{ onsetS: 15, endS: "open", measures: { covered: 1, moved: 1 } }],
  },
  {
    name: "is silent when night falls",
    durationS: 240,
    rule: sudden,
    actors: walkers,
    picture: {
      quality: fade(10, 200, (s) => ({
        brightness: 120 - 105 * s,
        structure: 1 - 0.95 * s,
        alignment: 1 - 0.96 * s,
        sharpness: 1 - 0.7 * s,
      })),
    },
    alarms: [],
  },
  {
    name: "is silent for a lorry that stops close in front",
    durationS: 80,
    rule,
    actors: [actor("lorry", "truck", from([16, 9], 5).to([0.5, 9], 6).stay(60))],
    picture: {
      quality: [{ fromS: 8, untilS: 70, structure: 0.75, alignment: 0.4, sharpness: 0.8 }],
    },
    alarms: [],
  },
  {
    name: "is silent for a lorry of which only the picture tells",
    durationS: 80,
    rule,
    actors: [],
    picture: {
      quality: [{ fromS: 8, untilS: 70, structure: 0.6, alignment: 0.45, sharpness: 0.8 }],
    },
    alarms: [],
  },
  {
    name: "is silent for a bird on the lens, a gust, repeated frames and a hiccup of the network",
    durationS: 60,
    rule,
    actors: walkers,
    picture: {
      quality: [
        { fromS: 10, untilS: 13, ...COVER },
        { fromS: 25, untilS: 28, alignment: 0.3 },
      ],
      frozen: [{ fromS: 20, untilS: 43 }],
      lost: [{ fromS: 45, untilS: 48 }],
    },
    alarms: [],
  },
];
