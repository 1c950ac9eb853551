/**
 * How fast an object moves along the ground, over a time window, in metres where the camera is
 * calibrated and in heights of a person otherwise.
 *
 * Uncalibrated, a person at a distance of Z heights is f ÷ Z of the picture high, f being the lens's
 * focal length in picture heights, guessed to be that of a usual lens: across the view the figure is
 * right, towards the camera good to about a third. How high a person is where a foot point stands
 * is learnt from the people seen (`Perspective`). Until they have stood at several distances, only
 * the growth of this one tells of its way in depth, more cautiously.
 *
 * Slopes are medians over pairs (Theil, 1950; Sen, 1968): a jump, as from a changed id or a half
 * hidden body, moves them little.
 */
import { footPoint, type EpochMs } from "../../../protocol/index.ts";
import type { Ground } from "../../ground/index.ts";
import type { Perspective } from "./perspective.ts";
import type { Sighting, Trail } from "./trails.ts";

/** What is known of how the camera sees the ground. */
export interface View {
  readonly ground: Ground | undefined;
  readonly perspective: Perspective;
}

export interface Pace {
  /** Metres or heights a second. */
  readonly speed: number;
  /** The same less what the jitter of boxes may make of it. */
  readonly sureSpeed: number;
  /** The same without the fastest step between two sightings: what is left when one was a jump. */
  readonly steadySpeed: number;
  /** Unit vector of the way, on the axes of `place`. */
  readonly heading: readonly [number, number];
  /** Where a sighting stands along two axes of the ground, metres or heights. */
  readonly place: (sighting: Sighting) => readonly [number, number] | undefined;
}

/** Focal length in picture heights: a vertical angle of 45°. */
const FOCAL = 1.2;
/** Detectors' boxes are no surer than this share of their height, one standard deviation. */
const HEIGHT_NOISE = 0.03;
/** No camera looks flatter over the ground than about 7°. */
const MAX_STRETCH = 8;
/**
 * Cameras hang higher than heads, so who comes nearer grows by less than the foot point sinks; a box
 * that loses as much at the foot as in height is being hidden from below.
 */
const MAX_GROWTH_PER_FOOT = 0.6;
/** Of the height seen before: a lower box shows a part of the body, whose foot point is none. */
const WHOLE_SHARE = 0.8;
/** A short way across the picture, in fractions. */
const BESIDE = 0.01;
/**
 * A slope counts less its standard error, told from how far the points lie off it: a detector's foot
 * point may be off by a tenth of the height, and in depth that is metres. Few points can lie well by
 * chance, so they are taken to be off by this share of a height at least.
 */
const MIN_OFF = 0.03;
/** Who grows or shrinks more within the window is not the same one any more. */
const MAX_GROWTH = 1.7;
/** Nearer to the horizon nothing can be told: picture heights of a person there. */
const MIN_HEIGHT = 0.015;
const MIN_SIGHTINGS = 3;
/** Without its fastest step a runner is still at this share of the limit; after one jump, nobody. */
const STEADY_SHARE = 0.6;
/** A run is told within this time; a jump further back is none of it. */
const LOOK_BACK_MS = 2500;
/** A window with a longer hole in it tells nothing. */
const MAX_HOLE_MS = 1200;

/** `undefined` when the trail is too short or too patchy for a window of this length. */
export function paceOf(trail: Trail, windowMs: number, view: View): Pace | undefined {
  const { ground, perspective } = view;
  const seen = lastSightings(trail, windowMs);
  if (seen === undefined) {
    return undefined;
  }
  const heights = seen.map((one) => one.height);
  if (Math.max(...heights) > MAX_GROWTH * Math.min(...heights)) {
    return undefined;
  }
  const isWhole = wholeness(seen, view);
  const stand = ground === undefined ? localGround(seen, perspective) : onGround(ground);
  const place: Pace["place"] = (one) => (isWhole(one) ? stand(one) : undefined);
  const points: (readonly [number, number, number])[] = [];
  for (const one of seen) {
    const point = place(one);
    if (point !== undefined) {
      points.push([one.at / 1000, ...point]);
    }
  }
  if (points.length < MIN_SIGHTINGS) {
    return undefined;
  }
  const across = slopeOf(points.map(([at, x]) => [at, x]));
  const along = slopeOf(points.map(([at, , y]) => [at, y]));
  const speed = Math.hypot(across.value, along.value);
  const heading =
    speed > 0 ? ([across.value / speed, along.value / speed] as const) : ([0, 0] as const);
  return {
    speed,
    sureSpeed: Math.hypot(across.sure, along.sure),
    steadySpeed: withoutFastestStep(points, heading),
    heading,
    place,
  };
}

/** Whether it moves at that speed or faster, and not by one jump. */
export function isFast({ sureSpeed, steadySpeed }: Pace, limit: number): boolean {
  return sureSpeed >= limit && steadySpeed >= STEADY_SHARE * limit;
}

/**
 * When an object came to move at this speed on its present heading: since then it has been faster,
 * before it was slower.
 */
export function sinceWhen({ sightings, last }: Trail, pace: Pace, speed: number): EpochMs {
  let since = last.at;
  let least = Infinity;
  for (const one of sightings) {
    const point = pace.place(one);
    if (point === undefined || one.isCut || last.at - one.at > LOOK_BACK_MS) {
      continue;
    }
    const way = point[0] * pace.heading[0] + point[1] * pace.heading[1];
    const ahead = way - (speed * (one.at - last.at)) / 1000;
    if (ahead < least) {
      least = ahead;
      since = one.at;
    }
  }
  return since;
}

/** The shortest run of whole sightings up to the last one that spans the window. */
function lastSightings(trail: Trail, windowMs: number): readonly Sighting[] | undefined {
  const seen: Sighting[] = [];
  for (let i = trail.sightings.length - 1; i >= 0; i--) {
    const one = trail.sightings[i] as Sighting;
    if (one.isCut) {
      continue;
    }
    const next = seen.at(-1);
    if ((next?.at ?? trail.last.at) - one.at > MAX_HOLE_MS) {
      return undefined;
    }
    seen.push(one);
    if (trail.last.at - one.at >= windowMs) {
      return seen.length >= MIN_SIGHTINGS ? seen.reverse() : undefined;
    }
  }
  return undefined;
}

/** Whether a sighting shows as much of the body as others of the window; people differ in height. */
function wholeness(
  seen: readonly Sighting[],
  { ground, perspective }: View,
): (sighting: Sighting) => boolean {
  const usual = (one: Sighting): number =>
    ground === undefined ? perspective.heightAt(one.y) : scaleAt(one, ground);
  if (ground === undefined && !perspective.isKnown) {
    return () => true;
  }
  const share = Math.max(...seen.map((one) => one.height / Math.max(1e-6, usual(one))));
  return (one) => one.height >= WHOLE_SHARE * share * usual(one);
}

/** How large a metre is where it stands, in some unit. */
function scaleAt({ object: { box } }: Sighting, ground: Ground): number {
  const foot = footPoint(box);
  const [here, beside] = [ground.toMetres(foot), ground.toMetres([foot[0] + BESIDE, foot[1]])];
  return here === undefined || beside === undefined
    ? 0
    : BESIDE / Math.max(1e-6, Math.hypot(beside[0] - here[0], beside[1] - here[1]));
}

function onGround(ground: Ground): Pace["place"] {
  return ({ object }) => ground.toMetres(footPoint(object.box));
}

/** Heights, to the right and towards the camera. */
function localGround(seen: readonly Sighting[], perspective: Perspective): Pace["place"] {
  if (perspective.isKnown) {
    return ({ x, y }) => {
      const height = perspective.heightAt(y);
      return height > MIN_HEIGHT ? [x / height, -FOCAL / height] : undefined;
    };
  }
  const height = median(seen.map((one) => one.height));
  const stretch = ownStretch(seen, height);
  return ({ x, y }) => [x / height, (y / height) * stretch];
}

/** How much longer a way in depth is than the foot point's, told by this object's growth alone. */
function ownStretch(seen: readonly Sighting[], height: number): number {
  const times = seen.map((one) => one.at / 1000);
  const foot = slope(seen.map((one, i) => [times[i] as number, one.y]));
  const growth = slope(seen.map((one, i) => [times[i] as number, one.height]));
  if (growth * foot <= 0 || Math.abs(growth) > MAX_GROWTH_PER_FOOT * Math.abs(foot)) {
    return 1;
  }
  const noise = (height * HEIGHT_NOISE) / spread(times);
  const sure = Math.max(0, Math.abs(growth) - 2 * noise) / Math.abs(foot);
  return Math.min(MAX_STRETCH, Math.max(1, (FOCAL * sure) / height));
}

function withoutFastestStep(
  points: readonly (readonly [number, number, number])[],
  heading: readonly [number, number],
): number {
  let [way, time] = [0, 0];
  let fastest = { speed: -Infinity, way: 0, time: 0 };
  for (let i = 1; i < points.length; i++) {
    const [t0, x0, y0] = points[i - 1] as readonly [number, number, number];
    const [t1, x1, y1] = points[i] as readonly [number, number, number];
    const step = (x1 - x0) * heading[0] + (y1 - y0) * heading[1];
    way += step;
    time += t1 - t0;
    if (t1 > t0 && step / (t1 - t0) > fastest.speed) {
      fastest = { speed: step / (t1 - t0), way: step, time: t1 - t0 };
    }
  }
  const left = time - fastest.time;
  return left > 0 ? (way - fastest.way) / left : 0;
}

/** Median slope over all pairs. */
function slope(points: readonly (readonly [number, number])[]): number {
  const slopes: number[] = [];
  for (let i = 1; i < points.length; i++) {
    for (let j = 0; j < i; j++) {
      const [t0, v0] = points[j] as readonly [number, number];
      const [t1, v1] = points[i] as readonly [number, number];
      if (t1 > t0) {
        slopes.push((v1 - v0) / (t1 - t0));
      }
    }
  }
  return median(slopes);
}

/** Median slope, and what is left of it less its standard error. */
function slopeOf(points: readonly (readonly [number, number])[]): {
  readonly value: number;
  readonly sure: number;
} {
  const value = slope(points);
  const level = median(points.map(([t, v]) => v - value * t));
  const off = 1.48 * median(points.map(([t, v]) => Math.abs(v - value * t - level)));
  const error = Math.max(MIN_OFF, off) / spread(points.map(([t]) => t));
  return { value, sure: Math.max(0, Math.abs(value) - error) };
}

/** Square root of the sum of squares about the mean. */
function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  return Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
