import {
  actor,
  from,
  person,
  post,
  type Path,
  type Scenario,
} from "../../../support/scenes/index.ts";
import type { Camera, RuleInput } from "../../../support/scenes/index.ts";

/** 8 × 8 m before an entrance, from 12 m away on. */
const entrance = (camera: Camera): RuleInput => ({
  kind: "loitering",
  zone: camera.area(-4, 4, 12, 20),
  dwellS: 30,
});

/** Five times 10 s inside and 8 s outside. */
function visits(): Path {
  let path = from([-8, 15]);
  for (let visit = 0; visit < 5; visit++) {
    path = path.to([-1, 15]).stay(5.5).to([-6.5, 15]).stay(4.5);
  }
  return path;
}

function pacing(): Path {
  let path = from([-9, 15]);
  for (let turn = 0; turn < 6; turn++) {
    path = path.to([2.5, 15]).stay(1).to([-2.5, 15]).stay(1);
  }
  return path.to([-9, 15]);
}

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms once for one who waits until he leaves",
    durationS: 70,
    rule: entrance,
    actors: [person("anna", from([-9, 15]).to([0, 15]).stay(45).to([9, 15]))],
    alarms: [{ onsetS: 3.6, endS: 54.3, object: "anna" }],
  },
  {
    name: "is silent for five short visits",
    durationS: 105,
    rule: entrance,
    actors: [person("anna", visits())],
    alarms: [],
  },
  {
    name: "is silent for one who stops 20 s on the way",
    durationS: 40,
    rule: entrance,
    actors: [person("anna", from([-9, 15]).to([0, 15]).stay(20).to([9, 15]))],
    alarms: [],
  },
  {
    name: "alarms once for one who paces behind a post",
    durationS: 75,
    rule: entrance,
    actors: [person("anna", pacing())],
    occluders: [post(0, 10)],
    alarms: [{ onsetS: 3.6, endS: 60.5, object: "anna" }],
  },
  {
    name: "is silent for two who wait one after the other",
    durationS: 60,
    rule: entrance,
    actors: [
      person("anna", from([-9, 15]).to([0, 15]).stay(18).to([9, 15])),
      person("ben", from([-9, 14], 20).to([1, 14]).stay(18).to([9, 14])),
    ],
    alarms: [],
  },
  {
    name: "goes on over a step outside of 2 s",
    durationS: 70,
    rule: entrance,
    actors: [
      person("anna", from([-9, 15]).to([-3, 15]).stay(18).to([-5, 15]).to([-3, 15]).stay(25)),
    ],
    alarms: [{ onsetS: 3.6, endS: 50.1, object: "anna" }],
  },
  {
    name: "goes on while a lorry passes before the one who waits",
    durationS: 60,
    rule: entrance,
    actors: [
      person("anna", from([-9, 16]).to([0, 16]).stay(60)),
      actor("lorry", "truck", from([-18, 11], 18).to([18, 11], 8)),
    ],
    alarms: [{ onsetS: 3.6, endS: "open", object: "anna" }],
  },
  {
    name: "is one alarm for two who wait together",
    durationS: 75,
    rule: entrance,
    actors: [
      person("anna", from([-9, 15]).to([-1, 15]).stay(45).to([-9, 15])),
      person("ben", from([9, 17], 5).to([1.5, 17]).stay(45).to([9, 17])),
    ],
    alarms: [{ onsetS: 3.6, endS: 57.1, object: "anna", measures: { count: 2 } }],
  },
];
