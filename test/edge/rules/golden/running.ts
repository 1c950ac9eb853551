import {
  actor,
  car,
  from,
  person,
  post,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

const rule = (): RuleInput => ({ kind: "running", holdS: 1, clearS: 3, cooldownS: 5 });

const across = from([-8, 15], 0).to([-3, 15]).to([9, 15], 4.2);
/** Comes after somebody has walked away from the camera. */
const stroller = person("stroller", from([-4, 9], 0).to([-2, 34], 1.4));
const towards = from([3, 34], 14).to([2.5, 30]).to([0, 10], 4.4);
const RUNS_S = 14 + Math.hypot(0.5, 4) / 1.4;

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for a man who walks and then runs across",
    durationS: 20,
    rule,
    actors: [person("anna", across)],
    alarms: [{ onsetS: 5 / 1.4, toleranceS: 0.5, object: "anna" }],
  },
  {
    name: "alarms for a man who walks and then runs across, in metres",
    durationS: 20,
    rule,
    isCalibrated: true,
    actors: [person("anna", across)],
    alarms: [{ onsetS: 5 / 1.4, toleranceS: 0.5, object: "anna" }],
  },
  {
    name: "alarms for a man who runs towards the camera",
    durationS: 25,
    rule,
    actors: [stroller, person("anna", towards)],
    alarms: [{ onsetS: RUNS_S, toleranceS: 0.6, object: "anna" }],
  },
  {
    name: "alarms for a man who runs towards the camera, in metres",
    durationS: 25,
    rule,
    isCalibrated: true,
    actors: [stroller, person("anna", towards)],
    alarms: [{ onsetS: RUNS_S, toleranceS: 0.6, object: "anna" }],
  },
  {
    name: "alarms once for two who run one behind the other",
    durationS: 20,
    rule,
    actors: [
      person("anna", from([-9, 15], 2).to([11, 15], 4)),
      person("ben", from([-9, 17], 3).to([11, 17], 4)),
    ],
    alarms: [{ onsetS: 2.4, toleranceS: 0.6, measures: { count: 2 } }],
  },
  {
    name: "is silent for people who walk, briskly or together",
    durationS: 30,
    rule,
    actors: [
      person("brisk", from([-9, 13], 0).to([9, 13], 1.9)),
      person("near", from([5, 30], 2).to([-3, 9], 1.6)),
      person("far", from([-3, 9], 5).to([5, 30], 1.4)),
      person("also", from([-2.2, 9], 5).to([5.8, 30], 1.4)),
    ],
    alarms: [],
  },
  {
    name: "is silent for people who walk, briskly or together, in metres",
    durationS: 30,
    rule,
    isCalibrated: true,
    actors: [
      person("brisk", from([-9, 13], 0).to([9, 13], 1.9)),
      person("near", from([5, 30], 2).to([-3, 9], 1.6)),
      person("far", from([-3, 9], 5).to([5, 30], 1.4)),
      person("also", from([-2.2, 9], 5).to([5.8, 30], 1.4)),
    ],
    alarms: [],
  },
  {
    name: "is silent for a cyclist and a car",
    durationS: 20,
    rule,
    actors: [
      person("rider", from([-12, 16], 2).to([12, 16], 5)),
      actor("bike", "bicycle", from([-12, 16], 2).to([12, 16], 5)),
      car("car", from([14, 22], 4).to([-14, 22], 11)),
    ],
    alarms: [],
  },
  {
    name: "is silent for a short dash over a puddle",
    durationS: 20,
    rule,
    actors: [person("anna", from([-8, 14], 0).to([0, 14]).to([2, 14], 3.5).to([8, 14]))],
    alarms: [],
  },
  {
    name: "is silent for walkers who cross behind a post and swap their identities",
    durationS: 25,
    rule,
    actors: [
      person("anna", from([-7, 15], 0).to([7, 15])),
      person("ben", from([7, 15.6], 0).to([-7, 15.6])),
      person("carl", from([-6, 16.4], 1.5).to([8, 16.4])),
    ],
    occluders: [post(0, 12, 0.8)],
    alarms: [],
  },
  {
    name: "is silent for someone who runs outside of the zone",
    durationS: 15,
    rule: (camera) => ({
      kind: "running",
      zone: camera.area(-12, 12, 9, 13),
    }),
    actors: [
      person("anna", from([-9, 17], 1).to([11, 17], 4)),
      person("ben", from([-9, 11], 1).to([11, 11])),
    ],
    alarms: [],
  },
];
