import { seeded } from "../../../../bench/support/seeded.ts";
import { from, person, type Actor, type Scenario } from "../../../support/scenes/index.ts";
import type { Camera, RuleInput } from "../../../support/scenes/index.ts";

/** A gate 6 m wide, straight away from the camera: to the right is in. */
const gate =
  (options: { readonly limit?: number; readonly initial?: number } = {}) =>
  (camera: Camera): RuleInput => ({
    kind: "counting",
    line: camera.line([0, 12], [0, 18]),
    ...options,
  });

/** One every three seconds, each at his own speed on his own way. */
function stream(): readonly Actor[] {
  const random = seeded(1);
  return Array.from({ length: 12 }, (_, index) => {
    const [fromY, toY] = [12.5 + 5 * random(), 12.5 + 5 * random()];
    const startS = 3 * index;
    const side = index % 3 === 0 ? 9 : -9;
    const path = from([side, fromY], startS).to([-side, toY], 1.1 + 0.6 * random());
    return person(`passer ${index}`, path);
  });
}

export const scenarios: readonly Scenario[] = [
  {
    name: "counts three in and one out",
    durationS: 35,
    rule: gate(),
    actors: [
      person("anna", from([-9, 15]).to([9, 15])),
      person("ben", from([-9, 14], 5).to([9, 14])),
      person("carl", from([-9, 16], 10).to([9, 16])),
      person("dora", from([9, 13], 18).to([-9, 13])),
    ],
    alarms: [],
    counts: { in: 3, out: 1, inside: 2 },
  },
  {
    name: "counts there and back as one in and one out",
    durationS: 35,
    rule: gate(),
    actors: [person("anna", from([-8, 15]).to([4, 15]).stay(5).to([-8, 15]))],
    alarms: [],
    counts: { in: 1, out: 1, inside: 0 },
  },
  {
    name: "does not count one who turns back and one who passes beside the gate",
    durationS: 30,
    rule: gate(),
    actors: [
      person("anna", from([-8, 15]).to([-0.5, 15]).stay(5).to([-8, 15])),
      person("ben", from([-8, 20]).to([8, 20])),
      person("carl", from([-8, 13], 8).to([8, 13])),
    ],
    alarms: [],
    counts: { in: 1, out: 0, inside: 1 },
  },
  {
    name: "counts three who come abreast",
    durationS: 15,
    rule: gate(),
    actors: [
      person("anna", from([-9, 13]).to([9, 13])),
      person("ben", from([-9, 15]).to([9, 15])),
      person("carl", from([-9, 17]).to([9, 17])),
    ],
    alarms: [],
    counts: { in: 3, out: 0, inside: 3 },
  },
  {
    name: "counts one who stops in the gate once",
    durationS: 35,
    rule: gate(),
    actors: [person("anna", from([-8, 15]).to([0, 15]).stay(12).to([8, 15]))],
    alarms: [],
    counts: { in: 1, inside: 1 },
  },
  {
    name: "alarms while there are more inside than the limit",
    durationS: 45,
    rule: gate({ limit: 2, initial: 1 }),
    actors: [
      person("anna", from([-9, 15]).to([9, 15])),
      person("ben", from([-9, 14], 5).to([9, 14])),
      person("carl", from([9, 16], 20).to([-9, 16])),
    ],
    alarms: [{ onsetS: 11.4, endS: 26.4, object: "ben", measures: { count: 3 } }],
    counts: { in: 2, out: 1, inside: 2 },
  },
  {
    name: "counts a stream that goes both ways",
    durationS: 55,
    rule: gate({ initial: 10 }),
    actors: stream(),
    alarms: [],
    counts: { in: 8, out: 4, inside: 14 },
  },
  {
    name: "is silent at the limit itself",
    durationS: 30,
    rule: gate({ limit: 3, initial: 1 }),
    actors: [
      person("anna", from([-9, 15]).to([9, 15])),
      person("ben", from([-9, 14], 5).to([9, 14])),
    ],
    alarms: [],
    counts: { inside: 3 },
  },
];
