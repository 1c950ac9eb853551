import {
  actor,
  car,
  from,
  person,
  post,
  type Camera,
  type RuleInput,
  type Scenario,
} from "../../../support/scenes/index.ts";

/** A fire lane across the view, 4 m wide, its near border 14 m away. */
const lane = (camera: Camera): RuleInput => ({
  kind: "parking",
  zone: camera.area(-9, 9, 14, 18),
  dwellS: 30,
});

/** Drives in from the left at 2.4 s and stops at the middle of the lane. */
const stopped = from([-12, 16]).to([0, 16], 5);

/** Two metres on every ten seconds, as a queue does. */
function creep(x: number, y: number, [dx, dy]: readonly [number, number]): ReturnType<typeof from> {
  return Array.from({ length: 6 }).reduce<ReturnType<typeof from>>(
    (path, _, step) => path.stay(9).toIn([x + (step + 1) * dx, y + (step + 1) * dy], 1),
    from([x, y]),
  );
}

export const scenarios: readonly Scenario[] = [
  {
    name: "alarms once for a car that stands in the lane, and ends when it drives on",
    durationS: 90,
    rule: lane,
    actors: [car("van", stopped.stay(60).to([12, 16], 5))],
    alarms: [{ onsetS: 2.4, endS: 62.4, object: "van" }],
  },
  {
    name: "is silent for a stop of 20 s",
    durationS: 45,
    rule: lane,
    actors: [car("taxi", stopped.stay(20).to([12, 16], 5))],
    alarms: [],
  },
  {
    name: "is silent for a queue that creeps across the view",
    durationS: 60,
    rule: lane,
    actors: [
      car("first", creep(-2, 16, [2, 0])),
      car("second", creep(-8, 16, [2, 0])),
      car("third", creep(-14, 16, [2, 0])),
    ],
    alarms: [],
  },
  {
    name: "is silent for a queue that creeps towards the camera",
    durationS: 60,
    rule: (camera) => ({
      kind: "parking",
      zone: camera.area(-3, 3, 10, 30),
      dwellS: 30,
    }),
    actors: [car("first", creep(0, 22, [0, -2])), car("second", creep(0.3, 29, [0, -2]))],
    alarms: [],
  },
  {
    name: "goes on while a lorry hides the car",
    durationS: 70,
    rule: lane,
    actors: [
      car("van", stopped.until(70)),
      actor("lorry", "truck", from([-14, 11.5], 15).to([0, 11.5], 5).stay(10).to([14, 11.5], 5)),
    ],
    alarms: [{ onsetS: 2.4, endS: "open", object: "van" }],
  },
  {
    name: "keeps its clock while cars and people pass in front",
    durationS: 60,
    rule: lane,
    actors: [
      car("van", stopped.until(60)),
      ...[6, 13, 20, 27, 34].map((atS) =>
        car(`passing at ${atS}`, from([-12, 12], atS).to([12, 12], 8)),
      ),
      person("anna", from([-8, 13.5], 10).to([8, 13.5])),
    ],
    occluders: [post(1, 13)],
    alarms: [{ onsetS: 2.4, endS: "open", object: "van" }],
  },
  {
    name: "tells two cars apart that stand at once",
    durationS: 75,
    rule: lane,
    actors: [
      car("red", from([-12, 16]).to([-5, 16], 5).until(50).to([-12, 16], 3)),
      car("blue", from([12, 16], 10).to([5, 16], 5).until(60).to([12, 16], 3)),
    ],
    alarms: [
      { onsetS: 1.4, endS: 50, object: "red" },
      { onsetS: 11.4, endS: 60, object: "blue" },
    ],
  },
  {
    name: "is one alarm for a car that moves up and stands again",
    durationS: 95,
    rule: lane,
    actors: [
      car(
        "van",
        from([-12, 16]).to([-4, 16], 5).until(40).to([2, 16], 2).until(70).to([12, 16], 5),
      ),
    ],
    alarms: [{ onsetS: 1.6, endS: 70, object: "van" }],
  },
  {
    name: "is silent for a car beside the lane and for people who wait in it",
    durationS: 50,
    rule: lane,
    actors: [
      car("before it", from([-4, 11.5]).until(50)),
      car("behind it", from([3, 20]).until(50)),
      person("anna", from([0, 16]).until(50)),
    ],
    alarms: [],
  },
];
