/**
 * Motion of one box: centre, aspect (width ÷ height) and height, each with a constant-velocity
 * filter. Noise is relative to the height, as in ByteTrack (Zhang et al., ECCV 2022), whose
 * constants per frame at 30 frames a second are written here per second.
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

const REFERENCE_FPS = 30;
/** Standard deviation of a measured position, and of the position gained in one reference frame. */
const POSITION_WEIGHT = 1 / 20;
/** Velocity change in one reference frame, in heights per frame. */
const VELOCITY_WEIGHT = 1 / 160;
const ASPECT_POSITION_STD = 1e-2;
const ASPECT_VELOCITY_STD = 1e-5;
const ASPECT_MEASURED_STD = 1e-1;
/** A box never gets thinner or lower than this in the estimate, so that overlap stays defined. */
const SMALLEST = 1e-3;

export interface Motion {
  readonly x: Coordinate;
  readonly y: Coordinate;
  readonly aspect: Coordinate;
  readonly height: Coordinate;
}

export function startMotion(box: BoxPx): Motion {
  const position = 2 * POSITION_WEIGHT * box.height;
  const velocity = 10 * VELOCITY_WEIGHT * box.height * REFERENCE_FPS;
  return {
    x: startCoordinate(box.left + box.width / 2, position, velocity),
    y: startCoordinate(box.top + box.height / 2, position, velocity),
    aspect: startCoordinate(
      box.width / box.height,
      ASPECT_POSITION_STD,
      ASPECT_VELOCITY_STD * REFERENCE_FPS,
    ),
    height: startCoordinate(box.height, position, velocity),
  };
}

export function predictMotion(motion: Motion, dtS: number): void {
  const height = Math.max(SMALLEST, motion.height.position);
  const position = (POSITION_WEIGHT * height) ** 2 * REFERENCE_FPS;
  const velocity = (VELOCITY_WEIGHT * height * REFERENCE_FPS) ** 2 * REFERENCE_FPS;
  predictCoordinate(motion.x, dtS, position, velocity);
  predictCoordinate(motion.y, dtS, position, velocity);
  predictCoordinate(
    motion.aspect,
    dtS,
    ASPECT_POSITION_STD ** 2 * REFERENCE_FPS,
    (ASPECT_VELOCITY_STD * REFERENCE_FPS) ** 2 * REFERENCE_FPS,
  );
  predictCoordinate(motion.height, dtS, position, velocity);
}

export function correctMotion(motion: Motion, box: BoxPx): void {
  const std = POSITION_WEIGHT * Math.max(SMALLEST, motion.height.position);
  correctCoordinate(motion.x, box.left + box.width / 2, std);
  correctCoordinate(motion.y, box.top + box.height / 2, std);
  correctCoordinate(motion.aspect, box.width / box.height, ASPECT_MEASURED_STD);
  correctCoordinate(motion.height, box.height, std);
}

export function motionBox(motion: Motion): BoxPx {
  const height = Math.max(SMALLEST, motion.height.position);
  const width = Math.max(SMALLEST, motion.aspect.position * height);
  return {
    left: motion.x.position - width / 2,
    top: motion.y.position - height / 2,
    width,
    height,
  };
}
