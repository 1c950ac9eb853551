/** Whether the end of a path is a free fall: y quadratic, x linear in time, faster and faster. */

export interface FallPoint {
  readonly timeS: number;
  /** Picture fractions; y grows downwards. */
  readonly x: number;
  readonly y: number;
}

export interface Fall {
  readonly fromS: number;
  /** Way down, picture heights. */
  readonly drop: number;
}

const MIN_POINTS = 4;
const MIN_S = 0.3;
/** A point is no surer than this, one standard deviation: picture heights. */
const NOISE = 0.004;
/** Way that the gain of speed accounts for, ÷ whole way: 1 from rest, 0 at one speed. */
const MIN_GAIN_SHARE = 0.12;
/** By so many standard errors it has to be more. */
const SURE = 2;
/** Gravity in a picture a hundred metres high, and what it gives over the least fall: heights, s. */
const MIN_GAIN = 0.1;
const MIN_END_SPEED = 0.2;
/** How far the points may lie off the parabola: heights, and share of the drop. */
const OFF = 0.01;
const OFF_SHARE = 0.02;
/** A throw goes down more than aside. */
const MAX_ASIDE = 2;

/** The longest end of the path that is a fall of at least `minDrop`; the path is oldest first. */
export function findFall(points: readonly FallPoint[], minDrop: number): Fall | undefined {
  const last = points.at(-1);
  for (let start = 0; start + MIN_POINTS <= points.length; start++) {
    const first = points[start] as FallPoint;
    if (last === undefined || last.timeS - first.timeS < MIN_S || last.y - first.y < minDrop) {
      continue;
    }
    if (isFall(points.slice(start))) {
      return { fromS: first.timeS, drop: last.y - first.y };
    }
  }
  return undefined;
}

function isFall(points: readonly FallPoint[]): boolean {
  const [first, last] = [points[0] as FallPoint, points.at(-1) as FallPoint];
  const spanS = last.timeS - first.timeS;
  const times = points.map(({ timeS }) => (timeS - first.timeS) / spanS);
  const down = fitParabola(
    times,
    points.map(({ y }) => y),
  );
  const aside = fitLine(
    times,
    points.map(({ x }) => x),
  );
  const drop = last.y - first.y;
  const off = OFF + OFF_SHARE * drop;
  const error = Math.max(NOISE, down.rms) * Math.sqrt(180 / points.length);
  return (
    down.rms <= off &&
    aside.rms <= off &&
    Math.abs(aside.slope) <= MAX_ASIDE * drop &&
    down.curve - SURE * error >= MIN_GAIN_SHARE * drop &&
    (2 * down.curve) / spanS ** 2 >= MIN_GAIN &&
    (down.slope + 2 * down.curve) / spanS >= MIN_END_SPEED &&
    down.slope >= -off // Else its first part went up: a shorter end begins at the top.
  );
}

interface Parabola {
  /** y = base + slope · t + curve · t², t from 0 to 1. */
  readonly slope: number;
  readonly curve: number;
  /** Of the residuals, by degrees of freedom. */
  readonly rms: number;
}

function fitParabola(times: readonly number[], values: readonly number[]): Parabola {
  const n = times.length;
  const meanT = mean(times);
  const meanV = mean(values);
  const t1 = times.map((t) => t - meanT);
  const meanT2 = mean(t1.map((t) => t * t));
  // The quadratic made orthogonal to the linear term and the constant.
  const s2 = sum(t1.map((t) => t * t));
  const skew = sum(t1.map((t) => t ** 3)) / s2;
  const t2 = t1.map((t) => t * t - meanT2 - skew * t);
  const curve = sum(t2.map((t, i) => t * (values[i] as number))) / sum(t2.map((t) => t * t));
  const linear = sum(t1.map((t, i) => t * (values[i] as number))) / s2;
  const residuals = values.map(
    (v, i) => v - meanV - linear * (t1[i] as number) - curve * (t2[i] as number),
  );
  return {
    curve,
    slope: linear - curve * skew - 2 * curve * meanT,
    rms: Math.sqrt(sum(residuals.map((r) => r * r)) / Math.max(1, n - 3)),
  };
}

function fitLine(
  times: readonly number[],
  values: readonly number[],
): { readonly slope: number; readonly rms: number } {
  const [meanT, meanV] = [mean(times), mean(values)];
  const t1 = times.map((t) => t - meanT);
  const slope = sum(t1.map((t, i) => t * (values[i] as number))) / sum(t1.map((t) => t * t));
  const residuals = values.map((v, i) => v - meanV - slope * (t1[i] as number));
  return {
    slope,
    rms: Math.sqrt(sum(residuals.map((r) => r * r)) / Math.max(1, times.length - 2)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
