/**
 * What is watched: the rules for the demonstration footage, drawn on its picture (768×576, a campus
 * junction seen from above), and rules of thumb for a source that nobody has seen yet.
 */
import { existsSync } from "node:fs";
import path from "node:path";

export const OWN_CAMERA = "own-camera";
const PURPOSE = "public-safety";
const CLASSES = ["person"];

function placed(lat: number, lon: number, gridCode: string): object {
  return { lat, lon, crs: "WGS84", accuracyM: 15, gridCode };
}

const LAWN = [
  [0, 0.62],
  [0.2, 0.62],
  [0.6, 0.7],
  [0.6, 1],
  [0, 1],
];
const PLAZA = placed(39.9042, 116.4074, "110101001001001");

/**
 * One recording of 79.5 s, endlessly, stands in for three cameras that are at different moments of
 * it. Cool-downs decide what an operator sees: a visitor within 12 s of the last one on the same
 * camera is the same incident, and so is one at a neighbouring camera within a minute and a half;
 * who comes later is a new one. Moments are those of the recording.
 */
const DEMO_SCENES = [
  {
    // People step out of the road's mouth every 15 s and more: an incident each.
    mount: "school",
    startS: 28,
    camera: { id: "demo-school", name: "School gate" },
    location: placed(39.9012, 116.4128, "110101001002003"),
    rules: [
      {
        ...{ kind: "zone-intrusion", id: "road-exit", eventType: "SEC.CROSS", classes: CLASSES },
        zone: rectangle(0.77, 0.45, 0.83, 0.85),
        ...{ dwellS: 0.3, clearS: 1, cooldownS: 15 },
      },
      {
        // Three at once, as at 36 s; longer apart than correlation holds a jam together.
        ...{ kind: "occupancy", id: "gate-jam", eventType: "SCH.GATE", classes: CLASSES },
        zone: rectangle(0.65, 0.35, 1, 0.75),
        ...{ limit: 3, holdS: 2, clearS: 5, cooldownS: 420 },
      },
    ],
  },
  {
    // Two people stand about from 76 s until 16 s; in every second round, for the cool-down.
    mount: "arcade",
    startS: 64,
    camera: { id: "demo-arcade", name: "Plaza arcade" },
    location: placed(39.9042, 116.4081, "110101001001001"),
    rules: [
      {
        ...{ kind: "loitering", id: "arcade", eventType: "SEC.LOITER", classes: CLASSES },
        zone: rectangle(0.42, 0.38, 0.62, 0.5),
        ...{ dwellS: 6, gapS: 3, clearS: 3, cooldownS: 100 },
      },
    ],
  },
  {
    // Somebody steps on the lawn at 53 s: 25 s after the loitering in the arcade next door, as
    // long as the way from there takes, so that both are one incident.
    mount: "plaza",
    startS: 15,
    camera: { id: "demo-plaza", name: "Demonstration plaza" },
    location: PLAZA,
    rules: [
      {
        ...{ kind: "zone-intrusion", id: "lawn", eventType: "SEC.INTRUDE", classes: CLASSES },
        zone: LAWN,
        ...{ dwellS: 0.5, clearS: 3, cooldownS: 100 },
      },
      {
        // Five in the junction's middle, as at 6 s and 76 s.
        ...{ kind: "crowd", id: "junction", eventType: "SEC.CROWD", classes: CLASSES },
        zone: rectangle(0.3, 0.35, 0.85, 0.75),
        ...{ count: 5, holdS: 2, clearS: 5, cooldownS: 420 },
      },
    ],
  },
] as const;

/** Mounts of the camera server: all show the one recording, from different moments on. */
export const DEMO_MOUNTS = DEMO_SCENES;

function rectangle(left: number, top: number, right: number, bottom: number): [number, number][] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

/** The middle of any picture, and a line through it. */
const OWN_RULES = [
  {
    kind: "zone-intrusion",
    id: "centre",
    eventType: "SEC.INTRUDE",
    zone: [
      [0.2, 0.3],
      [0.8, 0.3],
      [0.8, 0.98],
      [0.2, 0.98],
    ],
    cooldownS: 10,
  },
  {
    kind: "line-crossing",
    id: "middle",
    eventType: "SEC.CROSS",
    line: [
      [0.5, 0.15],
      [0.5, 1],
    ],
    direction: "both",
    cooldownS: 10,
  },
] as const;

/** Cameras of the edge configuration, before the schema has seen them. */
export function demoCameras(rtspPort: number): object[] {
  return DEMO_SCENES.map(({ mount, camera, location, rules }) => ({
    ...camera,
    source: `rtsp://127.0.0.1:${String(rtspPort)}/${mount}`,
    location,
    purpose: PURPOSE,
    rules,
  }));
}

export function ownCamera(source: string): object {
  const name = existsSync(source) ? path.basename(source) : new URL(source).hostname;
  return {
    id: OWN_CAMERA,
    name: `Own camera (${name})`.slice(0, 80),
    source,
    location: PLAZA,
    purpose: PURPOSE,
    rules: OWN_RULES,
  };
}
