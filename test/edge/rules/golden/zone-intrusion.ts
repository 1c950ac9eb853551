import { car, from, person, post, type Scenario } from "../../../support/scenes/index.ts";
import type { Camera, RuleInput } from "../../../support/scenes/index.ts";

/** A yard of 6 × 6 m, its near border 12 m away. */
const yard = (camera: Camera): RuleInput => ({
  kind: "zone-intrusion",
  zone: camera.area(-3, 3, 12, 18),
});

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for one who walks through the yard",
    durationS: 20,
    rule: yard,
    actors: [person("anna", from([-10, 15]).to([10, 15]))],
    alarms: [{ onsetS: 5, endS: 9.3, object: "anna" }],
  },
  {
    name: "is silent for one whose head passes before the yard and whose feet do not",
    durationS: 15,
    rule: yard,
    actors: [person("anna", from([-8, 10.8]).to([8, 10.8]))],
    alarms: [],
  },
  {
    name: "is silent for one who turns back at the border",
    durationS: 15,
    rule: yard,
    actors: [person("anna", from([-9, 15]).to([-3.6, 15]).stay(2).to([-9, 15]))],
    alarms: [],
  },
  {
    name: "is silent for a car, and for one who cuts the corner quickly",
    durationS: 15,
    rule: (camera) => ({
      kind: "zone-intrusion",
      zone: camera.area(-3, 3, 12, 18),
      dwellS: 2,
    }),
    actors: [
      car("taxi", from([-9, 16]).to([0, 16], 5).stay(3).to([9, 16], 5)),
      person("anna", from([-8, 13], 6).to([-2.2, 11]).to([4, 9])),
    ],
    alarms: [],
  },
  {
    name: "goes on while a post hides the intruder",
    durationS: 25,
    rule: yard,
    actors: [person("anna", from([-9, 15]).to([2, 15]).stay(1).to([-2, 15]).stay(1).to([9, 15]))],
    occluders: [post(0, 10)],
    alarms: [{ onsetS: 4.3, endS: 16.3, object: "anna" }],
  },
  {
    name: "is one alarm for two who come one after the other",
    durationS: 40,
    rule: yard,
    actors: [
      person("anna", from([-9, 15]).to([0, 15]).stay(16).to([9, 15])),
      person("ben", from([9, 14], 4).to([1.5, 14]).stay(14).to([9, 14])),
    ],
    alarms: [{ onsetS: 4.3, endS: 24.5, object: "anna", measures: { count: 2 } }],
  },
  {
    name: "is one alarm for one who steps out for a moment and two for one who comes back later",
    durationS: 50,
    rule: yard,
    actors: [
      person(
        "anna",
        from([-9, 15])
          .to([-1, 15])
          .stay(1)
          .to([-4, 15])
          .to([-1, 15])
          .stay(1)
          .to([-6, 15])
          .stay(13)
          .to([9, 15]),
      ),
    ],
    alarms: [
      { onsetS: 4.3, endS: 13.4, object: "anna" },
      { onsetS: 30.7, endS: 35, object: "anna" },
    ],
  },
  {
    name: "sees one come from below the picture into a zone that reaches its border",
    durationS: 15,
    rule: (camera) => ({ kind: "zone-intrusion", zone: camera.area(-3, 3, 5, 10) }),
    actors: [person("anna", from([0, 3]).to([0, 14]))],
    isAtBorder: true,
    alarms: [{ onsetS: 1.9, toleranceS: 0.6, endS: 5.1 }],
  },
];
