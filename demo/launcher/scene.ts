/**
 * What is watched: the rules for the demonstration footage, drawn on its picture (768×576, a campus
 * junction seen from above), and rules of thumb for a source that nobody has seen yet.
 */
import { existsSync } from "node:fs";
import path from "node:path";

export const DEMO_CAMERA = "demo-plaza";
export const OWN_CAMERA = "own-camera";
export const DEMO_MOUNT = "plaza";

const LOCATION = {
  lat: 39.904_2,
  lon: 116.407_4,
  crs: "WGS84",
  accuracyM: 15,
  gridCode: "110101001001001",
} as const;

/**
 * The line stands across the lower half of the road's mouth at the right and alarms for each person
 * who walks out; the zone is the middle of the junction. Over the 79.5 s of footage the ground
 * truth gives about ten alarms a minute, the first within a second, with 12 s between two at most.
 */
const DEMO_RULES = [
  {
    kind: "line-crossing",
    id: "road-exit",
    eventType: "SEC.CROSS",
    line: [
      [0.8, 0.5],
      [0.8, 0.8],
    ],
    direction: "right-to-left",
    cooldownS: 10,
  },
  {
    kind: "zone-intrusion",
    id: "junction",
    eventType: "SEC.INTRUDE",
    zone: [
      [0.6, 0.35],
      [0.78, 0.35],
      [0.78, 0.55],
      [0.6, 0.55],
    ],
    dwellS: 0.5,
    clearS: 3,
    cooldownS: 5,
  },
] as const;

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

const PURPOSE = "public-safety";

/** A camera of the edge configuration, before the schema has seen it. */
export function demoCamera(rtspPort: number): object {
  return {
    id: DEMO_CAMERA,
    name: "Demonstration plaza",
    source: `rtsp://127.0.0.1:${String(rtspPort)}/${DEMO_MOUNT}`,
    location: LOCATION,
    purpose: PURPOSE,
    rules: DEMO_RULES,
  };
}

export function ownCamera(source: string): object {
  const name = existsSync(source) ? path.basename(source) : new URL(source).hostname;
  return {
    id: OWN_CAMERA,
    name: `Own camera (${name})`.slice(0, 80),
    source,
    location: LOCATION,
    purpose: PURPOSE,
    rules: OWN_RULES,
  };
}
