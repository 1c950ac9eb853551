/**
 * A pin-hole camera over a flat ground. Ground coordinates are metres: x to the right of the
 * camera, y ahead of it, z up; the camera stands at x = y = 0. The picture is 16:9.
 */
import type { Ground, PointM } from "../../../edge/ground/index.ts";
import type { BoxNorm, PointNorm } from "../../../protocol/index.ts";

export const ASPECT = 16 / 9;

export interface CameraPlace {
  readonly heightM: number;
  /** Down from the horizontal. */
  readonly tiltDeg: number;
  /** Horizontal field of view. */
  readonly fovDeg: number;
}

/** On a mast beside a street: it sees the ground from 7 m on, a person at 15 m is 0.13 high. */
const MAST: CameraPlace = { heightM: 6, tiltDeg: 20, fovDeg: 70 };

export interface Cuboid {
  /** Middle of its base. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Its length lies along the heading: 0 is away from the camera, 90 to the right. */
  readonly headingDeg: number;
  readonly lengthM: number;
  readonly widthM: number;
  readonly heightM: number;
}

/** In picture heights. */
const CALIBRATION_ERROR = 0.002;
/** Nearer to the camera's plane than this, nothing is projected. */
const NEAREST_M = 0.5;

export class Camera implements Ground {
  readonly #heightM: number;
  readonly #sin: number;
  readonly #cos: number;
  /** Focal length in picture widths. */
  readonly #focal: number;

  constructor(place: Partial<CameraPlace> = {}) {
    const { heightM, tiltDeg, fovDeg } = { ...MAST, ...place };
    this.#heightM = heightM;
    this.#sin = Math.sin((tiltDeg * Math.PI) / 180);
    this.#cos = Math.cos((tiltDeg * Math.PI) / 180);
    this.#focal = 0.5 / Math.tan((fovDeg * Math.PI) / 360);
  }

  /** Distance along the optical axis, metres. */
  depthM(y: number, z = 0): number {
    return y * this.#cos + (this.#heightM - z) * this.#sin;
  }

  /** Picture point, which may lie outside the picture; `undefined` behind the camera. */
  project(x: number, y: number, z = 0): PointNorm | undefined {
    const depthM = this.depthM(y, z);
    if (depthM < NEAREST_M) {
      return undefined;
    }
    const down = (this.#heightM - z) * this.#cos - y * this.#sin;
    return [0.5 + (this.#focal * x) / depthM, 0.5 + (this.#focal * ASPECT * down) / depthM];
  }

  toPicture([x, y]: PointM): PointNorm | undefined {
    return this.project(x, y);
  }

  toMetres([u, v]: PointNorm): PointM | undefined {
    const right = (u - 0.5) / this.#focal;
    const down = (v - 0.5) / (this.#focal * ASPECT);
    const sinking = down * this.#cos + this.#sin;
    if (sinking <= 1e-6) {
      return undefined;
    }
    const reach = this.#heightM / sinking;
    return [right * reach, (this.#cos - down * this.#sin) * reach];
  }

  /** As if its calibration were off by a pixel or two. */
  accuracyM([u, v]: PointNorm): number | undefined {
    const here = this.toMetres([u, v]);
    const beside = this.toMetres([u, v + CALIBRATION_ERROR]);
    return here && beside && Math.hypot(here[0] - beside[0], here[1] - beside[1]);
  }

  /** Where a point of the ground is seen. @throws when it is outside the picture. */
  point(x: number, y: number): PointNorm {
    const point = this.project(x, y);
    if (point === undefined || point.some((value) => value < 0 || value > 1)) {
      throw new RangeError(`(${x}, ${y}) m is not in the picture but at ${String(point)}`);
    }
    return point;
  }

  /** A line on the ground, for a rule. */
  line(from: PointM, to: PointM): [[number, number], [number, number]] {
    return [[...this.point(...from)], [...this.point(...to)]];
  }

  /** The part of a convex zone on the ground that is in the picture, for a rule. */
  zone(...corners: readonly PointM[]): [number, number][] {
    const seen = corners.map(([x, y]) => {
      const point = this.project(x, y);
      if (point === undefined) {
        throw new RangeError(`(${x}, ${y}) m lies behind the camera`);
      }
      return point;
    });
    return clipToPicture(seen).map(([x, y]) => [x, y]);
  }

  /** A rectangle on the ground, for a rule. */
  area(fromX: number, toX: number, fromY: number, toY: number): [number, number][] {
    return this.zone([fromX, fromY], [toX, fromY], [toX, toY], [fromX, toY]);
  }

  /** Around a thing, may reach outside the picture; `undefined` behind the camera. */
  boxOf(thing: Cuboid): BoxNorm | undefined {
    const heading = (thing.headingDeg * Math.PI) / 180;
    const [along, across] = [thing.lengthM / 2, thing.widthM / 2];
    const points: PointNorm[] = [];
    for (const [a, b] of [
      [along, across],
      [along, -across],
      [-along, across],
      [-along, -across],
    ] as const) {
      const x = thing.x + a * Math.sin(heading) + b * Math.cos(heading);
      const y = thing.y + a * Math.cos(heading) - b * Math.sin(heading);
      const low = this.project(x, y, thing.z);
      const high = this.project(x, y, thing.z + thing.heightM);
      if (low === undefined || high === undefined) {
        return undefined;
      }
      points.push(low, high);
    }
    return boundsOf(points);
  }
}

function boundsOf(points: readonly PointNorm[]): BoxNorm {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

/** Sutherland–Hodgman against the four borders. */
function clipToPicture(polygon: readonly PointNorm[]): readonly PointNorm[] {
  let points = polygon;
  for (const [axis, border, sign] of [
    [0, 0, 1],
    [0, 1, -1],
    [1, 0, 1],
    [1, 1, -1],
  ] as const) {
    const inside = (p: PointNorm): number => sign * (p[axis] - border);
    points = points.flatMap((from, index) => {
      const to = points[(index + 1) % points.length] as PointNorm;
      const [a, b] = [inside(from), inside(to)];
      const share = a / (a - b);
      const crossing: PointNorm[] =
        a * b < 0
          ? [
              axis === 0
                ? [border, from[1] + share * (to[1] - from[1])]
                : [from[0] + share * (to[0] - from[0]), border],
            ]
          : [];
      return a >= 0 ? [from, ...crossing] : crossing;
    });
  }
  return points;
}
