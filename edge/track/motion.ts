/**
 * Motion of one box: centre, aspect (width ÷ height) and height, each with a constant-velocity
 * filter, as in ByteTrack (Zhang et al., ECCV 2022). All noise is relative to the height and per
 * second, so that the same walk gives the same doubt at every size and frame rate.
 */
import {
  correctCoordinate,
  predictCoordinate,
  startCoordinate,
  type Coordinate,
} from "./kalman.ts";

/** Left, top, width, height in an isotropic unit: pixels of the analysed picture. */
export interface BoxPx {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A box that is written anew for every frame. */
export type ScratchBox = { -readonly [key in keyof BoxPx]: BoxPx[key] };

/** Standard deviation of a first sight, heights. */
const START_STD = 0.1;
/** Of the velocity of a newcomer, heights per second: a person of 1.7 m who runs does 2. */
const START_VELOCITY_STD = 2;
/** What a position gains in doubt, heights per √second. */
const POSITION_DRIFT = 0.14;
/** What a velocity gains in doubt, heights per second per √second: a walker stops within two. */
const VELOCITY_DRIFT = 0.5;
/** Detectors disagree about feet and heads more than about middles. */
const HEIGHT_DOUBT = 2;
const ASPECT_START_STD = 0.01;
const ASPECT_START_VELOCITY_STD = 3e-4;
const ASPECT_MEASURED_STD = 0.1;
/** Per √second; and per second per √second. */
const ASPECT_DRIFT = 0.055;
const ASPECT_VELOCITY_DRIFT = 1.6e-3;
/** A box never gets thinner or lower than this in the estimate, so that overlap stays defined. */
const SMALLEST = 1e-3;

export interface Motion {
  readonly x: Coordinate;
  readonly y: Coordinate;
  readonly aspect: Coordinate;
  readonly height: Coordinate;
}

export function startMotion(box: BoxPx): Motion {
  const position = START_STD * box.height;
  const velocity = START_VELOCITY_STD * box.height;
  return {
    x: startCoordinate(box.left + box.width / 2, position, velocity),
    y: startCoordinate(box.top + box.height / 2, position, velocity),
    aspect: startCoordinate(box.width / box.height, ASPECT_START_STD, ASPECT_START_VELOCITY_STD),
    height: startCoordinate(box.height, position, velocity),
  };
}

export function predictMotion(motion: Motion, dtS: number): void {
  const height = Math.max(SMALLEST, motion.height.position);
  const position = (POSITION_DRIFT * height) ** 2;
  const velocity = (VELOCITY_DRIFT * height) ** 2;
  predictCoordinate(motion.x, dtS, position, velocity);
  predictCoordinate(motion.y, dtS, position, velocity);
  predictCoordinate(motion.aspect, dtS, ASPECT_DRIFT ** 2, ASPECT_VELOCITY_DRIFT ** 2);
  predictCoordinate(motion.height, dtS, position, velocity);
}

/** @param noise standard deviation of the detected centre, heights. */
export function correctMotion(motion: Motion, box: BoxPx, noise: number): void {
  const std = noise * Math.max(SMALLEST, motion.height.position);
  correctCoordinate(motion.x, box.left + box.width / 2, std);
  correctCoordinate(motion.y, box.top + box.height / 2, std);
  correctCoordinate(motion.aspect, box.width / box.height, ASPECT_MEASURED_STD);
  correctCoordinate(motion.height, box.height, std * HEIGHT_DOUBT);
}

/** Everything stays where it is for as long as nobody looks. */
export function stopMotion(motion: Motion): void {
  motion.x.velocity = 0;
  motion.y.velocity = 0;
  motion.height.velocity = 0;
}

/** Writes where the motion says that the box is. */
export function expectBox(motion: Motion, into: ScratchBox): void {
  const height = Math.max(SMALLEST, motion.height.position);
  const width = Math.max(SMALLEST, motion.aspect.position * height);
  into.left = motion.x.position - width / 2;
  into.top = motion.y.position - height / 2;
  into.width = width;
  into.height = height;
}
