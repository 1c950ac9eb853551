import type { BoxNorm } from "../../../../protocol/index.ts";
import {
  actor,
  Camera,
  car,
  from,
  person,
  thing,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

/** A hall of 12 × 10 m. */
const hall = (camera: Camera): RuleInput => ({
  kind: "abandoned-object",
  zone: camera.area(-6, 6, 10, 20),
  unattendedS: 20,
});
const anyThing = (camera: Camera): RuleInput => ({ ...hall(camera), anyThing: true }) as RuleInput;

/** Walks in from the left and puts something down at 5 s. */
const carried = from([-7, 14]).to([0, 14]);
const owner = from([-7.5, 14]).to([-0.5, 14]);

const CAMERA = new Camera();

/** On the ground before a car that stands across the view. */
function shadowOf(x: number, y: number): BoxNorm {
  const [left, top] = CAMERA.point(x - 2, y - 0.5);
  const [right, bottom] = CAMERA.point(x + 2, y - 1.8);
  return { left, top, width: right - left, height: bottom - top };
}

const BOX = { lengthM: 0.5, widthM: 0.5, heightM: 0.5 };

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms for a suitcase whose owner goes away",
    durationS: 60,
    rule: hall,
    isCalibrated: true,
    actors: [
      person("owner", owner.stay(5).to([-9, 14])),
      actor("case", "suitcase", carried.until(60)),
    ],
    // Three metres off he is 1.8 s after he set out at 10 s.
    alarms: [{ onsetS: 11.6, toleranceS: 0.8, endS: "open", object: "case" }],
  },
  {
    name: "is silent while the owner stands two metres away",
    durationS: 60,
    rule: hall,
    isCalibrated: true,
    actors: [
      person("owner", owner.to([-2, 14]).until(60)),
      actor("case", "suitcase", carried.until(60)),
    ],
    alarms: [],
  },
  {
    name: "is silent when the owner comes back in time, again and again",
    durationS: 75,
    rule: hall,
    isCalibrated: true,
    actors: [
      person(
        "owner",
        owner.to([-6, 14]).stay(8).to([-1, 14]).stay(5).to([-6, 14]).stay(8).to([-1, 14]).until(75),
      ),
      actor("case", "suitcase", carried.until(75)),
    ],
    alarms: [],
  },
  {
    name: "is not misled by people who walk past",
    durationS: 50,
    rule: hall,
    isCalibrated: true,
    actors: [
      person("owner", owner.to([-9, 14])),
      actor("case", "suitcase", carried.until(50)),
      ...[12, 17, 22, 27, 32].map((atS) =>
        person(`passer at ${atS}`, from([8, 13], atS).to([-8, 13])),
      ),
    ],
    alarms: [{ onsetS: 6.8, toleranceS: 0.8, endS: "open", object: "case" }],
  },
  {
    name: "is silent for bags that are carried",
    durationS: 40,
    rule: hall,
    isCalibrated: true,
    actors: [
      person("anna", from([-7, 14]).to([0, 14]).stay(25).to([8, 14])),
      actor("her bag", "handbag", from([-6.7, 13.9], 0, 0.6).to([0.3, 13.9]).stay(25).to([8, 14])),
      actor("his case", "suitcase", from([7, 17], 3).to([-7, 17])),
    ],
    alarms: [],
  },
  {
    name: "ends when the owner takes it away",
    durationS: 80,
    rule: hall,
    isCalibrated: true,
    actors: [
      person("owner", owner.to([-9, 14]).until(35).to([-0.5, 14]).stay(8).to([-9, 14])),
      actor("case", "suitcase", carried.until(49.1).to([-9, 14])),
    ],
    // He is near from 39.3 s on and stands from 41.1 s on.
    alarms: [{ onsetS: 7, toleranceS: 1.3, endS: 40.4, object: "case" }],
  },
  {
    name: "works without calibration",
    durationS: 50,
    rule: hall,
    actors: [
      person("owner", owner.stay(2).to([-9, 14])),
      actor("pack", "backpack", carried.until(50)),
    ],
    alarms: [{ onsetS: 8.8, toleranceS: 1, endS: "open", object: "pack" }],
  },
  {
    name: "finds a box that the model has no name for",
    durationS: 50,
    rule: anyThing,
    isCalibrated: true,
    actors: [person("owner", owner.to([-9, 14])), thing("carton", carried.until(50), BOX)],
    alarms: [{ onsetS: 6.8, toleranceS: 2, endS: "open", object: "carton" }],
  },
  {
    name: "is one alarm for a bag that both detector and picture show",
    durationS: 50,
    rule: anyThing,
    isCalibrated: true,
    actors: [person("owner", owner.to([-9, 14])), actor("case", "suitcase", carried.until(50))],
    alarms: [{ onsetS: 6.8, toleranceS: 1, endS: "open", object: "case" }],
  },
  {
    name: "takes neither parked cars nor people who wait for things, nor what they leave behind",
    durationS: 70,
    rule: anyThing,
    isCalibrated: true,
    actors: [
      car("parked", from([-12, 18]).to([-2, 18], 4).until(70)),
      car("leaving", from([4, 16]).stay(10).to([14, 16], 4)),
      person("waits", from([8, 12]).to([3, 12]).until(70)),
    ],
    alarms: [],
  },
  {
    name: "takes the shadow of a parked car for no thing, and a carton before it for one",
    durationS: 60,
    camera: CAMERA,
    rule: anyThing,
    isCalibrated: true,
    actors: [
      car("parked", from([-12, 18]).to([-2, 18], 4).until(60)),
      thing("carton", from([3, 12], 8).until(60), BOX),
    ],
    picture: {
      changes: [{ fromS: 4, box: shadowOf(-2, 18) }],
    },
    alarms: [{ onsetS: 8, toleranceS: 0.5, endS: "open", object: "carton" }],
  },
  {
    name: "is silent for an unnamed thing with its owner beside it",
    durationS: 50,
    rule: anyThing,
    isCalibrated: true,
    actors: [
      person("owner", owner.to([-1.5, 14]).until(50)),
      thing("carton", carried.until(50), BOX),
    ],
    alarms: [],
  },
];
