import { from, person, type Scenario } from "../../../support/scenes/index.ts";
import type { Camera, RuleInput } from "../../../support/scenes/index.ts";

/** A gate 6 m wide, straight away from the camera; to the right is in. */
const gate = (camera: Camera): RuleInput => ({
  kind: "tailgating",
  line: camera.line([0, 12], [0, 18]),
});

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for one who slips in behind another",
    durationS: 15,
    rule: gate,
    actors: [
      person("anna", from([-8, 15]).to([8, 15])),
      person("ben", from([-8, 15.3], 1.2).to([8, 15.3])),
    ],
    alarms: [{ onsetS: 6.9, object: "ben", measures: { count: 2 } }],
  },
  {
    name: "is silent for one alone, and for the next 4 s later",
    durationS: 20,
    rule: gate,
    actors: [
      person("anna", from([-8, 15]).to([8, 15])),
      person("ben", from([-8, 15], 4).to([8, 15])),
    ],
    alarms: [],
  },
  {
    name: "is silent for one who leaves while another comes",
    durationS: 15,
    rule: gate,
    actors: [
      person("anna", from([-8, 15]).to([8, 15])),
      person("ben", from([8, 13.5], 1).to([-8, 13.5])),
    ],
    alarms: [],
  },
  {
    name: "is one alarm for a group",
    durationS: 20,
    rule: gate,
    actors: [
      person("anna", from([-8, 15]).to([8, 15])),
      person("ben", from([-8, 14], 1.2).to([8, 14])),
      person("carl", from([-8, 16], 2.4).to([8, 16])),
    ],
    alarms: [{ onsetS: 6.9, endS: 8.1, object: "ben", measures: { count: 3 } }],
  },
  {
    name: "is silent for a follower who turns back at the gate",
    durationS: 15,
    rule: gate,
    actors: [
      person("anna", from([-8, 15]).to([8, 15])),
      person("ben", from([-8, 14.5], 1.2).to([-0.6, 14.5]).to([-8, 14.5])),
    ],
    alarms: [],
  },
  {
    name: "is silent for one who steps back and through again",
    durationS: 20,
    rule: gate,
    actors: [person("anna", from([-8, 15]).to([0.7, 15]).to([-0.7, 15]).to([8, 15]))],
    alarms: [],
  },
  {
    name: "tells two incidents, one soon after the other",
    durationS: 25,
    rule: gate,
    actors: [
      person("anna", from([-8, 15]).to([8, 15])),
      person("ben", from([-8, 14], 1.2).to([8, 14])),
      person("carl", from([-8, 15], 6).to([8, 15])),
      person("dora", from([-8, 16], 7.4).to([8, 16])),
    ],
    alarms: [
      { onsetS: 6.9, object: "ben" },
      { onsetS: 13.1, object: "dora" },
    ],
  },
  {
    name: "tells a follower in the walker's shade who comes towards the camera",
    durationS: 20,
    rule: (camera) => ({
      kind: "tailgating",
      line: camera.line([-3, 14], [3, 14]),
      direction: "left-to-right",
    }),
    actors: [
      person("anna", from([0, 26]).to([0, 7])),
      person("ben", from([0.6, 26], 1.3).to([0.6, 7])),
    ],
    alarms: [{ onsetS: 9.9, toleranceS: 0.5, object: "ben" }],
  },
];
