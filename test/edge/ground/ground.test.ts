import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seeded } from "../../../bench/support/seeded.ts";
import type { CalibrationConfig } from "../../../config/index.ts";
import { areaM2, createGround, positionOf, type PointM } from "../../../edge/ground/index.ts";
import { PermanentError, type PointNorm } from "../../../protocol/index.ts";
import { groundAt, horizonOf, seenAt, type Pinhole } from "./pinhole.ts";

const MAST: Pinhole = { heightM: 6, pitchDeg: 20, headingDeg: 0, focal: 0.8, aspect: 16 / 9 };

/** Points before the camera, as [ahead, right] in metres. */
const RECTANGLE = [
  [8, -3],
  [8, 3],
  [30, 8],
  [30, -8],
] as const;

const SPREAD = [...RECTANGLE, [15, 0], [20, 5], [12, -4], [25, -2], [40, 3], [18, 1]] as const;

function calibrationOf(
  camera: Pinhole,
  places: readonly (readonly [number, number])[] = RECTANGLE,
  noise = (): number => 0,
): CalibrationConfig {
  return {
    points: places.map(([ahead, right]) => {
      const groundM = groundAt(camera, ahead, right);
      const [x, y] = seenAt(camera, groundM) as PointNorm;
      return { picture: [x + noise(), y + noise()], groundM: [...groundM] };
    }),
  };
}

const cameras = fc.record({
  heightM: fc.double({ min: 3, max: 30, noNaN: true }),
  pitchDeg: fc.double({ min: 15, max: 50, noNaN: true }),
  headingDeg: fc.double({ min: 0, max: 360, noNaN: true }),
  focal: fc.double({ min: 0.4, max: 2, noNaN: true }),
  aspect: fc.constantFrom(4 / 3, 16 / 9),
});

function distance(a: PointM | undefined, b: PointM | undefined): number {
  return Math.hypot((a?.[0] ?? NaN) - (b?.[0] ?? NaN), (a?.[1] ?? NaN) - (b?.[1] ?? NaN));
}

describe("createGround", () => {
  it("finds the metres of any camera exactly from four exact points", () => {
    const place = fc.tuple(
      fc.double({ min: 1, max: 100, noNaN: true }),
      fc.double({ min: -40, max: 40, noNaN: true }),
    );
    fc.assert(
      fc.property(cameras, place, (camera, [ahead, right]) => {
        const ground = createGround(calibrationOf(camera));
        const metres = groundAt(camera, ahead, right);
        const seen = seenAt(camera, metres) as PointNorm;
        expect(distance(ground.toMetres(seen), metres)).toBeLessThan(1e-4);
        expect(distance(ground.toPicture(metres), seen)).toBeLessThan(1e-6);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it("comes back to the same point of the picture", () => {
    const ground = createGround(calibrationOf(MAST));
    for (const point of [
      [0.1, 0.95],
      [0.9, 0.5],
      [0.5, 0.3],
    ] as const) {
      const metres = ground.toMetres(point) as PointM;
      expect(distance(ground.toPicture(metres), point)).toBeLessThan(1e-9);
    } // prettier-ignore
  });

  it("gives nothing at and above the horizon, nor behind the camera", () => {
    const camera = { ...MAST, pitchDeg: 12 };
    const ground = createGround(calibrationOf(camera));
    const horizon = horizonOf(camera);
    expect(ground.toMetres([0.5, horizon + 0.01])).toBeDefined();
    expect(ground.toMetres([0.5, horizon])).toBeUndefined();
    expect(ground.toMetres([0.5, horizon - 0.05])).toBeUndefined();
    expect(ground.accuracyM([0.5, horizon - 0.05])).toBeUndefined();
    expect(ground.toPicture([0, 50])).toBeDefined();
    expect(ground.toPicture([0, -50])).toBeUndefined();
  });

  it("gets better with more points, and tells how far off it is", () => {
    const misses = (places: readonly (readonly [number, number])[]) => {
      const real: number[] = [];
      const told: number[] = [];
      for (let seed = 0; seed < 200; seed++) {
        const random = seeded(seed);
        const noise = () => 0.004 * (random() + random() + random() + random() - 2) * Math.sqrt(3);
        const ground = createGround(calibrationOf(MAST, places, noise));
        const metres = groundAt(MAST, 20, 2);
        const seen = seenAt(MAST, metres) as PointNorm;
        real.push(distance(ground.toMetres(seen), metres) ** 2);
        told.push((ground.accuracyM(seen) ?? NaN) ** 2);
      }
      const rootMean = (list: number[]) =>
        Math.sqrt(list.reduce((sum, value) => sum + value, 0) / list.length);
      return { real: rootMean(real), told: rootMean(told) };
    };
    const four = misses(RECTANGLE);
    const ten = misses(SPREAD);
    expect(ten.real).toBeLessThan(0.8 * four.real);
    expect(ten.told).toBeGreaterThan(ten.real);
    expect(ten.told).toBeLessThan(3 * ten.real);
  });

  it("is less sure of what is far away", () => {
    const ground = createGround(calibrationOf(MAST));
    const near = ground.accuracyM(seenAt(MAST, [0, 10]) as PointNorm) ?? NaN;
    const far = ground.accuracyM(seenAt(MAST, [0, 60]) as PointNorm) ?? NaN;
    expect(near).toBeLessThan(0.1);
    expect(far).toBeGreaterThan(10 * near);
  });

  it("accepts a narrow lane that leads away", () => {
    const lane = [
      [10, -1.5],
      [10, 1.5],
      [150, -1.5],
      [150, 1.5],
    ] as const; // prettier-ignore
    const ground = createGround(calibrationOf(MAST, lane));
    const metres = groundAt(MAST, 60, 1);
    const seen = seenAt(MAST, metres) as PointNorm;
    expect(distance(ground.toMetres(seen), metres)).toBeLessThan(1e-3);
  });

  const broken: readonly (readonly [string, RegExp, CalibrationConfig])[] = [
    [
      "all on one line",
      /all on one line/,
      calibrationOf(MAST, [
        [8, 0],
        [12, 1],
        [16, 2],
        [20, 3],
        [24, 4],
      ]),
    ],
    [
      "all but one on one line",
      /no three lie on one line/,
      calibrationOf(MAST, [
        [8, 0],
        [12, 1],
        [16, 2],
        [20, -3],
      ]),
    ],
    [
      "one point twice",
      /points 0 and 3 as one/,
      calibrationOf(MAST, [
        [8, -3],
        [8, 3],
        [30, 8],
        [8, -3],
      ]),
    ],
    [
      "east and north exchanged",
      /mirror image/,
      {
        points: calibrationOf(MAST).points.map(({ picture, groundM: [east, north] }) => ({
          picture,
          groundM: [north, east],
        })),
      },
    ],
    [
      "two of four points exchanged",
      /horizon|agree/,
      {
        points: calibrationOf(MAST).points.map(({ picture }, index, all) => ({
          picture,
          groundM: (all[[0, 2, 1, 3][index] as number] as (typeof all)[number]).groundM,
        })),
      },
    ],
    [
      "one of many points wrong",
      /point 8 off by/,
      {
        points: calibrationOf(MAST, SPREAD).points.map(({ picture, groundM }, index) => ({
          picture,
          groundM: index === 8 ? [groundM[0] + 12, groundM[1] - 20] : groundM,
        })),
      },
    ],
  ]; // prettier-ignore

  it.each(broken)("refuses points with %s and says so", (_name, told, calibration) => {
    expect(() => createGround(calibration)).toThrow(PermanentError);
    expect(() => createGround(calibration)).toThrow(told);
    expect(() => createGround(calibration)).toThrow("calibration.points");
  });

  it("either refuses or answers with finite numbers, whatever the points", () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const metre = fc.double({ min: -10_000, max: 10_000, noNaN: true });
    const point = fc.record({ picture: fc.tuple(unit, unit), groundM: fc.tuple(metre, metre) });
    const calibration = fc.array(point, { minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(calibration, unit, unit, (points, x, y) => {
        try {
          const metres = createGround({ points }).toMetres([x, y]);
          expect(metres === undefined || metres.every(Number.isFinite)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PermanentError);
        }
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});

describe("areaM2", () => {
  const ground = createGround(calibrationOf(MAST));
  const corner = (eastM: number, northM: number) => seenAt(MAST, [eastM, northM]) as PointNorm;

  it("measures a polygon on the ground, either way round", () => {
    const square = [corner(-2, 10), corner(3, 10), corner(3, 14), corner(-2, 14)];
    expect(areaM2(ground, square)).toBeCloseTo(20, 6);
    expect(areaM2(ground, square.toReversed())).toBeCloseTo(20, 6);
  });

  it("gives nothing for a polygon that reaches the sky", () => {
    const low = createGround(calibrationOf({ ...MAST, pitchDeg: 12 }));
    expect(
      areaM2(low, [
        [0, 0.9],
        [1, 0.9],
        [0.5, 0.01],
      ]),
    ).toBeUndefined(); // prettier-ignore
  });
});

describe("positionOf", () => {
  const ground = createGround(calibrationOf(MAST));
  const point = seenAt(MAST, [0, 20]) as PointNorm;
  const camera = { lat: 39.8, lon: 116.5, crs: "WGS84", accuracyM: 3 } as const;

  it("goes 20 m north on the ellipsoid", () => {
    const position = positionOf(ground, point, camera);
    expect(position?.lon).toBeCloseTo(116.5, 8);
    // One degree of latitude is 111 031 m long at 39.8°.
    expect(((position?.lat ?? NaN) - 39.8) * 111_031).toBeCloseTo(20, 2);
    expect(position?.crs).toBe("WGS84");
    expect(position?.accuracyM).toBeGreaterThan(3);
    expect(position?.accuracyM).toBeLessThan(3.1);
  });

  it("goes east by the length of the parallel", () => {
    const east = { ...MAST, headingDeg: 90 };
    const seen = seenAt(east, [20, 0]) as PointNorm;
    const position = positionOf(createGround(calibrationOf(east)), seen, camera);
    // One degree of longitude is 85 642 m long at 39.8°.
    expect(((position?.lon ?? NaN) - 116.5) * 85_642).toBeCloseTo(20, 1);
    expect(position?.lat).toBeCloseTo(39.8, 8);
  });

  it("is less sure in GCJ02, and keeps the reference system", () => {
    const exact = positionOf(ground, point, { ...camera, accuracyM: 0.001 });
    const warped = positionOf(ground, point, { ...camera, accuracyM: 0.001, crs: "GCJ02" });
    expect(warped?.crs).toBe("GCJ02");
    expect(warped?.accuracyM).toBeGreaterThan(exact?.accuracyM ?? NaN);
  });

  it("wraps at the date line and gives nothing in the sky", () => {
    const east = { ...MAST, headingDeg: 90 };
    const seen = seenAt(east, [20, 0]) as PointNorm;
    const edge = { lat: 0, lon: 179.9999, crs: "WGS84" } as const;
    expect(positionOf(createGround(calibrationOf(east)), seen, edge)?.lon).toBeLessThan(-179.99);
    const low = createGround(calibrationOf({ ...MAST, pitchDeg: 12 }));
    expect(positionOf(low, [0.5, 0.01], camera)).toBeUndefined();
  });
});
