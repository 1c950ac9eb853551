import {
  actor,
  from,
  person,
  van,
  wall,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

const rule = (): RuleInput => ({ kind: "person-down", downS: 3, clearS: 5, cooldownS: 5 });
/** From this time after the fall began it is lying. */
const FALL_S = 0.4;

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for a man who falls across the view and lies there, until he gets up",
    durationS: 45,
    rule,
    actors: [person("anna", from([-8, 15], 1).to([0, 15]).lie(20).to([6, 15]))],
    alarms: [{ onsetS: 1 + 8 / 1.4 + FALL_S, endS: 1 + 8 / 1.4 + 20, object: "anna" }],
  },
  {
    name: "alarms for a woman who collapses aslant where she stood",
    durationS: 30,
    rule,
    actors: [person("anna", from([3, 12], 0).stay(6).lie(24, 45))],
    alarms: [{ onsetS: 6 + FALL_S, endS: "open", object: "anna" }],
  },
  {
    name: "alarms once for a fallen man whom a helper steps up to and bends over",
    durationS: 50,
    rule,
    actors: [
      person("ben", from([0, 14], 0).stay(5).lie(45)),
      person("helper", from([10, 14.5], 10).to([1.2, 14.5]).stay(2).crouch(15).stay(20)),
    ],
    alarms: [{ onsetS: 5 + FALL_S, endS: "open", object: "ben" }],
  },
  {
    name: "tells the second who falls in the same alarm",
    durationS: 50,
    rule,
    actors: [
      person("ben", from([-4, 14], 0).stay(5).lie(45)),
      person("carl", from([4, 16], 0).stay(18).lie(32)),
    ],
    alarms: [{ onsetS: 5 + FALL_S, endS: "open", object: "ben", measures: { count: 2 } }],
  },
  {
    name: "alarms twice when the same man falls again after he had got up",
    durationS: 75,
    rule,
    actors: [person("ben", from([-5, 14], 0).stay(5).lie(10).to([5, 14]).stay(15).lie(20))],
    alarms: [{ onsetS: 5 + FALL_S, endS: 15.3 }, { onsetS: 15 + 0.6 + 10 / 1.4 + 15 + FALL_S }],
  },
  {
    name: "is silent for someone who ties a shoe",
    durationS: 30,
    rule,
    actors: [person("anna", from([-6, 13], 0).to([0, 13]).crouch(12).to([6, 13]))],
    alarms: [],
  },
  {
    name: "is silent for someone who trips and is up again at once",
    durationS: 25,
    rule,
    actors: [person("anna", from([-6, 13], 0).to([0, 13]).lie(2.2).to([8, 13]))],
    alarms: [],
  },
  {
    name: "is silent for people who walk and stand behind a low wall",
    durationS: 40,
    rule,
    actors: [
      person("anna", from([-9, 16], 0).to([0, 16]).stay(10).to([9, 16])),
      person("ben", from([9, 17], 3).to([1.5, 17]).stay(12).to([-9, 17])),
    ],
    occluders: [wall([-6, 15], [6, 15], 1.1)],
    alarms: [],
  },
  {
    name: "is silent for someone half hidden by a parked van",
    durationS: 40,
    rule,
    actors: [person("anna", from([-9, 17], 0).to([1, 17]).stay(15).to([9, 17]))],
    occluders: [van(0, 14)],
    alarms: [],
  },
  {
    name: "is silent for people whom the picture's lower border cuts",
    durationS: 40,
    rule,
    actors: [
      person("anna", from([-2, 14], 0).to([-1, 6.2]).stay(15).to([-2, 14])),
      person("ben", from([2, 20], 2).to([3, 3])),
    ],
    alarms: [],
  },
  {
    name: "is silent for a child, a cyclist and a dog",
    durationS: 35,
    rule,
    actors: [
      person("child", from([-8, 12], 0).to([0, 12], 0.9).stay(10).to([6, 12], 0.9), {
        size: { heightM: 0.95, widthM: 0.4, lengthM: 0.3 },
      }),
      person("rider", from([-14, 18], 4).to([14, 18], 5)),
      actor("bike", "bicycle", from([-14, 18], 4).to([14, 18], 5)),
      actor("dog", "dog", from([-2, 10], 0).to([2, 10], 0.8).stay(20)),
    ],
    alarms: [],
  },
];
