import { from, person, post, van, type Scenario } from "../../../support/scenes/index.ts";
import type { Camera, RuleInput } from "../../../support/scenes/index.ts";

/** 6 m straight away from the camera: its left and right are the picture's. */
const fence = (camera: Camera): RuleInput => ({
  kind: "line-crossing",
  line: camera.line([0, 12], [0, 18]),
});

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for one who crosses",
    durationS: 15,
    rule: fence,
    actors: [person("anna", from([-9, 15]).to([9, 15]))],
    alarms: [{ onsetS: 6.4, object: "anna" }],
  },
  {
    name: "is silent for one who turns back before the line, after waiting there",
    durationS: 35,
    rule: fence,
    actors: [person("anna", from([-8, 15]).to([-0.45, 15]).stay(15).to([-8, 15]))],
    alarms: [],
  },
  {
    name: "is silent for one who walks around its end",
    durationS: 15,
    rule: fence,
    actors: [person("anna", from([-9, 19]).to([9, 19]))],
    alarms: [],
  },
  {
    name: "is silent in the direction that is allowed",
    durationS: 15,
    rule: (camera) => ({
      kind: "line-crossing",
      line: camera.line([0, 12], [0, 18]),
      direction: "left-to-right",
    }),
    actors: [person("anna", from([9, 15]).to([-9, 15]))],
    alarms: [],
  },
  {
    name: "is one alarm for one who dithers on the line",
    durationS: 40,
    rule: fence,
    actors: [
      person(
        "anna",
        from([-7, 15])
          .to([1.2, 15])
          .stay(1)
          .to([-0.8, 15])
          .stay(3)
          .to([0.8, 15])
          .stay(1)
          .to([-0.3, 15])
          .stay(4)
          .to([9, 15]),
      ),
    ],
    alarms: [{ onsetS: 5, object: "anna" }],
  },
  {
    name: "tells two who cross close together",
    durationS: 15,
    rule: fence,
    actors: [
      person("anna", from([-9, 16.5]).to([9, 16.5])),
      person("ben", from([-9, 14], 1).to([9, 14])),
    ],
    alarms: [
      { onsetS: 6.4, object: "anna" },
      { onsetS: 7.4, object: "ben" },
    ],
  },
  {
    name: "tells one who crosses behind a post",
    durationS: 15,
    rule: fence,
    actors: [person("anna", from([-9, 16]).to([9, 16]))],
    occluders: [post(0, 11)],
    alarms: [{ onsetS: 6.4, toleranceS: 0.6, object: "anna" }],
  },
  {
    name: "tells one who comes towards the camera",
    durationS: 20,
    rule: (camera) => ({ kind: "line-crossing", line: camera.line([-4, 14], [4, 14]) }),
    actors: [person("anna", from([1, 28]).to([0, 8]))],
    alarms: [{ onsetS: 9.9, object: "anna" }],
  },
  {
    name: "is silent for one who comes near, waits with his toes at the line and goes back",
    durationS: 45,
    rule: (camera) => ({ kind: "line-crossing", line: camera.line([-4, 14], [4, 14]) }),
    actors: [person("anna", from([1, 24]).to([0, 14.5]).stay(25).to([1, 24]))],
    alarms: [],
  },
  {
    name: "is silent for one whose legs a van hides",
    durationS: 20,
    rule: (camera) => ({ kind: "line-crossing", line: camera.line([-7, 17.5], [7, 17.5]) }),
    actors: [person("anna", from([-10, 16]).to([10, 16]))],
    occluders: [van(0, 11)],
    alarms: [],
  },
];
