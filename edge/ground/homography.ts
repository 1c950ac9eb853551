/**
 * The projective map between two planes by the normalised direct linear transformation (Hartley and
 * Zisserman, Multiple View Geometry, algorithm 4.2): exact for four points, least squares for more.
 */
import { smallestEigenvector } from "./eigen.ts";

export type Point = readonly [number, number];

/** Row by row; (x, y) goes to ((m0 x + m1 y + m2) / w, (m3 x + m4 y + m5) / w). */
export type Matrix3 = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]; // prettier-ignore

/**
 * The map from `from` to `to`, which are of one length, four or more. `undefined` when they leave
 * it undetermined: too many of them coincide or lie on one line.
 */
export function fitHomography(from: readonly Point[], to: readonly Point[]): Matrix3 | undefined {
  const a = normalisation(from);
  const b = normalisation(to);
  if (a === undefined || b === undefined) {
    return undefined;
  }
  const normal = new Float64Array(81);
  from.forEach((point, index) => {
    const [x, y] = a.apply(point);
    const [u, v] = b.apply(to[index] as Point);
    addRow(normal, [x, y, 1, 0, 0, 0, -u * x, -u * y, -u]);
    addRow(normal, [0, 0, 0, x, y, 1, -v * x, -v * y, -v]);
  });
  const solution = smallestEigenvector(normal, 9);
  if (solution === undefined) {
    return undefined;
  }
  const fitted = Array.from(solution) as unknown as Matrix3;
  // A flat map comes of points that lie on a line in one plane and not in the other.
  if (Math.abs(determinant(fitted)) < FLAT) {
    return undefined;
  }
  return multiply(multiply(b.inverse, fitted), a.matrix);
}

/**
 * Of a map between normalised points, whose entries have a root of squares of 1; even a strip seen
 * from its end gives some 1e-3.
 */
const FLAT = 1e-7;

export function invert(m: Matrix3): Matrix3 {
  const [a, b, c, d, e, f, g, h, i] = m;
  const scale = 1 / determinant(m);
  return [
    (e * i - f * h) * scale,
    (c * h - b * i) * scale,
    (b * f - c * e) * scale,
    (f * g - d * i) * scale,
    (a * i - c * g) * scale,
    (c * d - a * f) * scale,
    (d * h - e * g) * scale,
    (b * g - a * h) * scale,
    (a * e - b * d) * scale,
  ]; // prettier-ignore
}

export function determinant([a, b, c, d, e, f, g, h, i]: Matrix3): number {
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

export function scaled(m: Matrix3, by: number): Matrix3 {
  return m.map((value) => value * by) as unknown as Matrix3;
}

/** The denominator of the map at a point: its sign tells the sides of the horizon apart. */
export function weightAt(m: Matrix3, [x, y]: Point): number {
  return m[6] * x + m[7] * y + m[8];
}

export function project(m: Matrix3, point: Point): Point {
  const [x, y] = point;
  const w = weightAt(m, point);
  return [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w];
}

function multiply(a: Matrix3, b: Matrix3): Matrix3 {
  const product = Array.from({ length: 9 }, (_, n) => {
    const row = n - (n % 3);
    const column = n % 3;
    let sum = 0;
    for (let k = 0; k < 3; k++) {
      sum += (a[row + k] as number) * (b[3 * k + column] as number);
    }
    return sum;
  });
  return product as unknown as Matrix3;
}

interface Normalisation {
  readonly matrix: Matrix3;
  readonly inverse: Matrix3;
  apply(point: Point): Point;
}

/** To a mean of zero and a mean distance of √2 from it; `undefined` when all points coincide. */
function normalisation(points: readonly Point[]): Normalisation | undefined {
  const count = points.length;
  const x0 = points.reduce((sum, [x]) => sum + x, 0) / count;
  const y0 = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const distance = points.reduce((sum, [x, y]) => sum + Math.hypot(x - x0, y - y0), 0) / count;
  if (distance < 1e-9) {
    return undefined;
  }
  const scale = Math.SQRT2 / distance;
  return {
    matrix: [scale, 0, -scale * x0, 0, scale, -scale * y0, 0, 0, 1],
    inverse: [1 / scale, 0, x0, 0, 1 / scale, y0, 0, 0, 1],
    apply: ([x, y]) => [scale * (x - x0), scale * (y - y0)],
  };
}

function addRow(normal: Float64Array, row: readonly number[]): void {
  for (let i = 0; i < 9; i++) {
    for (let j = 0; j < 9; j++) {
      const at = 9 * i + j;
      normal[at] = (normal[at] as number) + (row[i] as number) * (row[j] as number);
    }
  }
}
