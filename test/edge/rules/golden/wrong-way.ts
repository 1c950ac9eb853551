import {
  actor,
  car,
  from,
  person,
  type Camera,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

/** A one-way street across the view, 6 m wide; allowed is from left to right. */
const street = (camera: Camera): RuleInput => ({
  kind: "wrong-way",
  zone: camera.area(-9, 9, 14, 20),
  allowed: camera.line([-6, 17], [6, 17]),
});
/** The same along the view; allowed is towards the camera. */
const along = (camera: Camera): RuleInput => ({
  kind: "wrong-way",
  zone: camera.area(-3, 3, 10, 40),
  allowed: camera.line([0, 30], [0, 12]),
});

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for a car against the one-way street",
    durationS: 12,
    rule: street,
    actors: [car("ghost", from([14, 17], 1).to([-14, 17], 7))],
    alarms: [{ onsetS: 1.7, toleranceS: 0.5, endS: 4.3, object: "ghost" }],
  },
  {
    name: "measures metres where calibrated",
    durationS: 14,
    rule: along,
    isCalibrated: true,
    actors: [car("ghost", from([0, 8]).to([0, 38], 6))],
    alarms: [{ onsetS: 0.6, toleranceS: 0.8, object: "ghost" }],
  },
  {
    name: "tells it from a picture that foreshortens the way",
    durationS: 14,
    rule: along,
    actors: [car("ghost", from([0, 8]).to([0, 38], 6))],
    alarms: [{ onsetS: 0.6, toleranceS: 0.8, object: "ghost" }],
  },
  {
    name: "is silent for traffic the allowed way, quick and slow",
    durationS: 25,
    rule: street,
    actors: [
      car("quick", from([-14, 17]).to([14, 17], 12)),
      car("slow", from([-14, 16], 4).to([0, 16], 4).stay(4).to([14, 16], 4)),
      car("third", from([-14, 18], 9).to([14, 18], 7)),
      car("crossing", from([-2, 30], 14).to([-2, 9], 6)),
    ],
    alarms: [],
  },
  {
    name: "is silent for walkers and cyclists against the street",
    durationS: 18,
    rule: street,
    actors: [
      person("anna", from([10, 15]).to([-10, 15])),
      actor("boris", "bicycle", from([12, 18], 1).to([-12, 18], 4)),
    ],
    alarms: [],
  },
  {
    name: "is silent for a car that reverses out of its space",
    durationS: 20,
    rule: street,
    isCalibrated: true,
    actors: [car("mother", from([0, 19]).stay(4).to([-2.5, 17], 1).stay(2).to([14, 17], 5))],
    alarms: [],
  },
  {
    name: "alarms for a car that turns round and drives back",
    durationS: 18,
    rule: street,
    isCalibrated: true,
    actors: [car("ghost", from([-14, 16]).to([4, 16], 5).to([4, 18], 2).to([-14, 18], 4))],
    alarms: [{ onsetS: 4.6, toleranceS: 0.6, endS: 7.85, object: "ghost" }],
  },
  {
    name: "is one alarm for two that follow each other",
    durationS: 16,
    rule: street,
    actors: [
      actor("first", "motorcycle", from([14, 17]).to([-14, 17], 5)),
      actor("second", "motorcycle", from([14, 16], 1.5).to([-14, 16], 5)),
    ],
    alarms: [{ onsetS: 1, toleranceS: 0.5, endS: 6.1, object: "first" }],
  },
];
