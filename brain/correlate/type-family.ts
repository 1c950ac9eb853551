/**
 * Which event types may be one happening, how far and how long apart its sightings may lie, and
 * how large it can grow. Data, not code: a type that is not named here links to its own kind only.
 */

export interface TypeFamily {
  readonly name: string;
  /** How far sightings of one happening lie apart beside the errors of their places, m. */
  readonly radiusM: number;
  /** Pause after which another camera's sighting is half forgotten, ms (decay constant). */
  readonly windowMs: number;
  /** The same for the same camera: it was looking all the time, so a pause says more. */
  readonly againMs: number;
  /** How fast the cause moves from view to view, m/s; 0 for what stays where it is. */
  readonly speedMps: number;
  /** An incident grows no further across, m, and no longer, ms. */
  readonly capDiameterM: number;
  readonly capDurationMs: number;
  /** The device itself is the cause: other cameras never share it. */
  readonly sameCameraOnly: boolean;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface Row extends Omit<TypeFamily, "speedMps" | "sameCameraOnly"> {
  readonly codes: readonly string[];
  readonly speedMps?: number;
  readonly sameCameraOnly?: boolean;
}

const ROWS: readonly Row[] = [
  {
    name: "fire",
    codes: ["FIR.SMOKE", "ENV.BURN", "UM.BBQ"],
    radiusM: 120, // Smoke is seen from afar, and drifts.
    windowMs: 5 * MINUTE,
    againMs: 20 * MINUTE,
    capDiameterM: 600,
    capDurationMs: 4 * HOUR,
  },
  {
    name: "violence",
    codes: ["SEC.FIGHT", "SEC.CROWD"],
    radiusM: 35,
    windowMs: MINUTE,
    againMs: 5 * MINUTE, // A brawl stops, and flares up again at the same place.
    speedMps: 1.5,
    capDiameterM: 250,
    capDurationMs: HOUR,
  },
  {
    name: "intrusion",
    codes: ["SEC.INTRUDE", "SEC.CROSS", "SEC.LOITER", "SEC.LINE", "GAT.BREACH"],
    radiusM: 30,
    windowMs: 75 * SECOND,
    againMs: 10 * SECOND, // One track lost and found again; the next visitor is a new incident.
    speedMps: 2,
    capDiameterM: 500,
    capDurationMs: HOUR / 2,
  },
  {
    name: "medical",
    codes: ["MED.DOWN"],
    radiusM: 20,
    windowMs: 2 * MINUTE,
    againMs: 5 * MINUTE,
    capDiameterM: 120,
    capDurationMs: 2 * HOUR,
  },
  {
    name: "left-object",
    codes: ["SEC.ABANDON"],
    radiusM: 15,
    windowMs: 5 * MINUTE,
    againMs: 10 * MINUTE,
    capDiameterM: 100,
    capDurationMs: 6 * HOUR,
  },
  {
    name: "parking",
    codes: ["UM.PARK", "FIR.LANE"],
    radiusM: 10,
    windowMs: 10 * MINUTE,
    againMs: 10 * MINUTE,
    capDiameterM: 100,
    capDurationMs: 12 * HOUR,
  },
  {
    name: "litter",
    codes: ["UM.GARBAGE", "UM.DEBRIS", "UM.PILE", "UM.SPILL"],
    radiusM: 20,
    windowMs: 30 * MINUTE,
    againMs: HOUR,
    capDiameterM: 120,
    capDurationMs: 24 * HOUR,
  },
  {
    name: "traffic",
    codes: ["TRF.CRASH", "TRF.JAM", "SCH.GATE"],
    radiusM: 120, // A queue grows back along the street, in minutes.
    windowMs: 6 * MINUTE,
    againMs: 5 * MINUTE,
    capDiameterM: 600,
    capDurationMs: 3 * HOUR,
  },
  {
    name: "driving",
    codes: ["TRF.WRONG"],
    radiusM: 40,
    windowMs: 30 * SECOND,
    againMs: 10 * SECOND,
    speedMps: 10,
    capDiameterM: 3_000,
    capDurationMs: HOUR / 4,
  },
  {
    name: "water",
    codes: ["WAT.RISK"],
    radiusM: 50,
    windowMs: 2 * MINUTE,
    againMs: 5 * MINUTE,
    speedMps: 1,
    capDiameterM: 800,
    capDurationMs: 2 * HOUR,
  },
  {
    name: "flood",
    codes: ["INF.FLOOD"],
    radiusM: 100,
    windowMs: 30 * MINUTE,
    againMs: HOUR,
    capDiameterM: 800,
    capDurationMs: 24 * HOUR,
  },
  {
    name: "device",
    codes: ["DEV.LOST", "DEV.TAMPER", "DEV.QUALITY"],
    radiusM: 30,
    windowMs: 5 * MINUTE,
    againMs: 5 * MINUTE,
    capDiameterM: 100,
    capDurationMs: 24 * HOUR,
    sameCameraOnly: true,
  },
];

/** For types that no family names. */
const OTHERS: Omit<TypeFamily, "name"> = {
  radiusM: 35,
  windowMs: 5 * MINUTE,
  againMs: 20 * MINUTE,
  speedMps: 0,
  capDiameterM: 150,
  capDurationMs: 12 * HOUR,
  sameCameraOnly: false,
};

/** Families whose happenings turn into each other: a crash leaves people down. */
const RELATED: readonly (readonly [string, string, number])[] = [
  ["violence", "medical", 0.85],
  ["traffic", "medical", 0.85],
  ["water", "medical", 0.85],
  ["fire", "SAF.GAS", 0.8],
];

/** What linking two types goes by. */
export interface PairRule {
  /** 0–1: how readily two such types are one happening. */
  readonly affinity: number;
  readonly radiusM: number;
  readonly windowMs: number;
  readonly againMs: number;
  readonly speedMps: number;
  readonly sameCameraOnly: boolean;
}

/** Types of one family mean the same thing less surely than one type does. */
const SAME_FAMILY = 0.95;

const families = new Map<string, TypeFamily>();
for (const { codes, speedMps = 0, sameCameraOnly = false, ...row } of ROWS) {
  for (const code of codes) {
    families.set(code, { ...row, speedMps, sameCameraOnly });
  }
}
const pairs = new Map<string, Map<string, PairRule | null>>();

export function familyOf(code: string): TypeFamily {
  let family = families.get(code);
  if (family === undefined) {
    family = { name: code, ...OTHERS };
    families.set(code, family);
  }
  return family;
}

/** Undefined where the two are never one happening. Symmetric. */
export function pairRule(a: string, b: string): PairRule | undefined {
  let row = pairs.get(a);
  if (row === undefined) {
    row = new Map();
    pairs.set(a, row);
  }
  let rule = row.get(b);
  if (rule === undefined) {
    rule = makeRule(a, b) ?? null;
    row.set(b, rule);
  }
  return rule ?? undefined;
}

function makeRule(a: string, b: string): PairRule | undefined {
  const one = familyOf(a);
  const two = familyOf(b);
  const affinity = a === b ? 1 : affinityOf(one.name, two.name);
  if (affinity === 0) {
    return undefined;
  }
  return {
    affinity,
    radiusM: Math.min(one.radiusM, two.radiusM),
    windowMs: Math.min(one.windowMs, two.windowMs),
    againMs: Math.min(one.againMs, two.againMs),
    speedMps: Math.min(one.speedMps, two.speedMps),
    sameCameraOnly: one.sameCameraOnly || two.sameCameraOnly,
  };
}

function affinityOf(one: string, two: string): number {
  if (one === two) {
    return SAME_FAMILY;
  }
  const related = RELATED.find(([a, b]) => (a === one && b === two) || (a === two && b === one));
  return related?.[2] ?? 0;
}
