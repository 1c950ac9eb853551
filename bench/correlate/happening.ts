/**
 * What really happens in the town: each happening has a course in space and time, and what cameras
 * would say of it. Lengths, speeds and turns are drawn from what such things do, not from what
 * correlation expects.
 */
import { between, exponential, gaussian, pick, type Random } from "./chance.ts";
import { type Spot, type Town, placeOnStreet, strollFrom } from "./town.ts";

/** One side of a happening that cameras can report. */
export interface Aspect {
  /** Codes that cameras call it by, with their shares. */
  readonly codes: readonly (readonly [string, number])[];
  readonly from: number;
  readonly until: number;
  /** Where it is at a time, ms. */
  readonly spotAt: (at: number) => Spot;
  readonly isMoving: boolean;
  /** How much further (or less far) than a person it is seen. */
  readonly visibility: number;
  /** Share of cameras with it in view whose rules look for it. */
  readonly watched: number;
  /** Mean time from coming into view to the alarm, ms. */
  readonly noticeMs: number;
  /** A track breaks this often per alarm, and is found again after so long, ms. */
  readonly breaks: number;
  readonly regainMs: number;
}

export interface Happening {
  readonly id: number;
  readonly kind: string;
  readonly aspects: readonly Aspect[];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

type Maker = (at: number, spot: Spot, town: Town, random: Random) => Aspect[];

const still = (spot: Spot): Aspect["spotAt"] => {
  return () => spot;
};

/** Sways about its place without getting away from it. */
const swaying = (spot: Spot, metres: number, random: Random): Aspect["spotAt"] => {
  const [a, b] = [random() * 7, random() * 7];
  return (at) => ({
    east: spot.east + metres * Math.sin(at / 40_000 + a),
    north: spot.north + metres * Math.cos(at / 53_000 + b),
  });
};

function along(path: readonly Spot[], speedMps: number, from: number): Aspect["spotAt"] {
  const lengths = path.slice(1).map((spot, i) => {
    const before = path[i] as Spot;
    return Math.hypot(spot.east - before.east, spot.north - before.north);
  });
  return (at) => {
    let left = ((at - from) / SECOND) * speedMps;
    for (const [i, length] of lengths.entries()) {
      const [a, b] = [path[i] as Spot, path[i + 1] as Spot];
      if (left <= length) {
        const share = left / Math.max(length, 1);
        return {
          east: a.east + (b.east - a.east) * share,
          north: a.north + (b.north - a.north) * share,
        };
      }
      left -= length;
    }
    return path[path.length - 1] as Spot;
  };
}

const STEADY = { isMoving: false, visibility: 1, watched: 0.9, breaks: 0.1, regainMs: 20 * SECOND };
const PASSING = { isMoving: true, visibility: 1, watched: 0.7, breaks: 0.1, regainMs: 3 * SECOND };

const MAKERS: Readonly<Record<string, readonly [number, Maker]>> = {
  fight: [
    8,
    (at, spot, _town, random) => {
      const until = at + between(MINUTE, 8 * MINUTE, random);
      const codes = [
        ["SEC.FIGHT", 0.65],
        ["SEC.CROWD", 0.35],
      ] as const;
      const aspects: Aspect[] = [
        {
          ...STEADY,
          codes,
          from: at,
          until,
          spotAt: swaying(spot, 8, random),
          noticeMs: 12 * SECOND,
        },
      ];
      if (random() < 0.25) {
        const from = until - between(0, 40 * SECOND, random);
        const end = until + between(2 * MINUTE, 15 * MINUTE, random);
        aspects.push({
          ...STEADY,
          codes: [["MED.DOWN", 1]],
          from,
          until: end,
          spotAt: still(spot),
          noticeMs: 10 * SECOND,
        });
      }
      return aspects;
    },
  ],
  intruder: [
    18,
    (at, spot, town, random) => {
      const speed = between(1.1, 2.6, random);
      const until = at + between(40 * SECOND, 4 * MINUTE, random);
      const path = strollFrom(town, spot, (speed * (until - at)) / SECOND, random);
      const codes = [
        ["SEC.INTRUDE", 0.6],
        ["SEC.CROSS", 0.3],
        ["SEC.LOITER", 0.1],
      ] as const;
      return [
        {
          ...PASSING,
          codes,
          from: at,
          until,
          spotAt: along(path, speed, at),
          noticeMs: 4 * SECOND,
        },
      ];
    },
  ],
  smoke: [
    2,
    (at, spot, _town, random) => {
      const until = at + between(8 * MINUTE, 60 * MINUTE, random);
      const codes = [
        ["FIR.SMOKE", 0.75],
        ["ENV.BURN", 0.25],
      ] as const;
      return [
        {
          ...STEADY,
          codes,
          from: at,
          until,
          spotAt: swaying(spot, 15, random),
          visibility: 2.2,
          noticeMs: 60 * SECOND,
          breaks: 0.3,
          regainMs: 90 * SECOND,
        },
      ];
    },
  ],
  parking: [
    22,
    (at, spot, _town, random) => {
      const until = at + between(6 * MINUTE, 100 * MINUTE, random);
      const codes = [
        ["UM.PARK", 0.85],
        ["FIR.LANE", 0.15],
      ] as const;
      return [
        {
          ...STEADY,
          codes,
          from: at,
          until,
          spotAt: still(spot),
          noticeMs: 3 * MINUTE,
          breaks: 0.35,
          regainMs: 2 * MINUTE,
        },
      ];
    },
  ],
  garbage: [
    8,
    (at, spot, _town, random) => {
      const until = at + between(60 * MINUTE, 400 * MINUTE, random);
      const codes = [
        ["UM.GARBAGE", 0.6],
        ["UM.DEBRIS", 0.2],
        ["UM.PILE", 0.2],
      ] as const;
      return [
        {
          ...STEADY,
          codes,
          from: at,
          until,
          spotAt: still(spot),
          noticeMs: 15 * MINUTE,
          breaks: 0.4,
          regainMs: 10 * MINUTE,
        },
      ];
    },
  ],
  crash: [
    5,
    (at, spot, town, random) => {
      const until = at + between(10 * MINUTE, 50 * MINUTE, random);
      const aspects: Aspect[] = [
        {
          ...STEADY,
          codes: [["TRF.CRASH", 1]],
          from: at,
          until,
          spotAt: still(spot),
          noticeMs: 15 * SECOND,
        },
      ];
      if (random() < 0.3) {
        aspects.push({
          ...STEADY,
          codes: [["MED.DOWN", 1]],
          from: at + 20 * SECOND,
          until: at + between(5 * MINUTE, 15 * MINUTE, random),
          spotAt: still(spot),
          noticeMs: 15 * SECOND,
        });
      }
      if (random() < 0.6) {
        // The queue grows back along the street that the crash lies on.
        const path = strollFrom(town, spot, 150, random);
        const from = at + between(MINUTE, 4 * MINUTE, random);
        aspects.push({
          ...STEADY,
          codes: [["TRF.JAM", 1]],
          from,
          until: until + 5 * MINUTE,
          spotAt: along(path, 0.25, from),
          noticeMs: 40 * SECOND,
          watched: 0.6,
        });
      }
      return aspects;
    },
  ],
  wrongWay: [
    6,
    (at, spot, town, random) => {
      const speed = between(6, 14, random);
      const until = at + between(20 * SECOND, 90 * SECOND, random);
      const path = strollFrom(town, spot, (speed * (until - at)) / SECOND, random);
      return [
        {
          ...PASSING,
          codes: [["TRF.WRONG", 1]],
          from: at,
          until,
          spotAt: along(path, speed, at),
          visibility: 1.2,
          noticeMs: SECOND,
          breaks: 0.05,
        },
      ];
    },
  ],
  leftObject: [
    6,
    (at, spot, _town, random) => {
      const until = at + between(5 * MINUTE, 60 * MINUTE, random);
      return [
        {
          ...STEADY,
          codes: [["SEC.ABANDON", 1]],
          from: at,
          until,
          spotAt: still(spot),
          noticeMs: 90 * SECOND,
          breaks: 0.25,
          regainMs: 45 * SECOND,
        },
      ];
    },
  ],
  personDown: [
    6,
    (at, spot, _town, random) => {
      const until = at + between(3 * MINUTE, 20 * MINUTE, random);
      return [
        {
          ...STEADY,
          codes: [["MED.DOWN", 1]],
          from: at,
          until,
          spotAt: still(spot),
          noticeMs: 15 * SECOND,
        },
      ];
    },
  ],
  flood: [
    1,
    (at, spot, _town, random) => {
      const until = at + between(60 * MINUTE, 240 * MINUTE, random);
      return [
        {
          ...STEADY,
          codes: [["INF.FLOOD", 1]],
          from: at,
          until,
          spotAt: still(spot),
          visibility: 2.5,
          noticeMs: 10 * MINUTE,
          breaks: 0.3,
          regainMs: 5 * MINUTE,
        },
      ];
    },
  ],
  vendor: [
    10,
    (at, spot, _town, random) => {
      const until = at + between(15 * MINUTE, 120 * MINUTE, random);
      return [
        {
          ...STEADY,
          codes: [["UM.VENDOR", 1]],
          from: at,
          until,
          spotAt: swaying(spot, 3, random),
          noticeMs: 4 * MINUTE,
          breaks: 0.3,
          regainMs: 90 * SECOND,
        },
      ];
    },
  ],
};

const WEIGHTS = Object.entries(MAKERS).map(([kind, [weight]]) => [kind, weight] as const);
const TOTAL = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);

export function drawKind(random: Random): string {
  let left = random() * TOTAL;
  for (const [kind, weight] of WEIGHTS) {
    left -= weight;
    if (left < 0) {
      return kind;
    }
  }
  return "parking";
}

export function makeHappening(id: number, at: number, town: Town, random: Random): Happening {
  const kind = drawKind(random);
  const isHot = random() < 0.25;
  const hot = pick(town.hotSpots, random);
  const spot = isHot
    ? { east: hot.east + gaussian(random) * 120, north: hot.north + gaussian(random) * 120 }
    : placeOnStreet(town.crossings, random);
  const [, make] = MAKERS[kind] as readonly [number, Maker];
  return { id, kind, aspects: make(at, spot, town, random) };
}

/** Most happens in the day: two broad peaks. */
export function drawTime(start: number, days: number, random: Random): number {
  const day = Math.floor(random() * days) * 24 * 60;
  const peak = random() < 0.5 ? 10 : 18;
  const hour = random() < 0.3 ? random() * 24 : peak + gaussian(random) * 3;
  return start + (day + Math.max(0, hour) * 60) * MINUTE + exponential(SECOND, random);
}
