/** Who and what is in a scene, with real sizes. */
import type { PointM } from "../../../edge/ground/index.ts";
import type { Cuboid } from "./camera.ts";
import type { Path } from "./path.ts";

interface Size {
  /** Along its heading. */
  readonly lengthM: number;
  readonly widthM: number;
  readonly heightM: number;
}

export interface Actor {
  /** Expected alarms name it. */
  readonly name: string;
  /** Class that the model says. */
  readonly label: string;
  readonly size: Size;
  readonly path: Path;
  /** Usual score of its detections. */
  readonly score: number;
  /** The model has no name for it: only the picture tells that something is there or moves. */
  readonly isUnnamed: boolean;
}

const SIZES: Readonly<Record<string, Size>> = {
  // With its swinging arms and legs: boxes of walkers are about 0.4 of their height wide.
  person: { lengthM: 0.7, widthM: 0.6, heightM: 1.72 },
  bicycle: { lengthM: 1.8, widthM: 0.6, heightM: 1.1 },
  dog: { lengthM: 0.9, widthM: 0.3, heightM: 0.6 },
  car: { lengthM: 4.4, widthM: 1.8, heightM: 1.5 },
  truck: { lengthM: 8, widthM: 2.5, heightM: 3.2 },
  bus: { lengthM: 12, widthM: 2.5, heightM: 3 },
  motorcycle: { lengthM: 2.1, widthM: 0.8, heightM: 1.3 },
  suitcase: { lengthM: 0.5, widthM: 0.3, heightM: 0.7 },
  backpack: { lengthM: 0.4, widthM: 0.3, heightM: 0.5 },
  handbag: { lengthM: 0.4, widthM: 0.2, heightM: 0.35 },
};

type Options = Partial<Pick<Actor, "score" | "isUnnamed">> & { readonly size?: Partial<Size> };

/** @param label one of the sizes known here, unless `options.size` gives all of it. */
export function actor(name: string, label: string, path: Path, options: Options = {}): Actor {
  const size = { ...SIZES[label], ...options.size };
  if (size.lengthM === undefined || size.widthM === undefined || size.heightM === undefined) {
    throw new RangeError(`The size of a ${label} is not known`);
  }
  const { lengthM, widthM, heightM } = size;
  return {
    name,
    label,
    path,
    size: { lengthM, widthM, heightM },
    score: options.score ?? 0.8,
    isUnnamed: options.isUnnamed ?? false,
  };
}

export function person(name: string, path: Path, options: Options = {}): Actor {
  return actor(name, "person", path, options);
}

export function car(name: string, path: Path, options: Options = {}): Actor {
  return actor(name, "car", path, options);
}

/** What the model has no name for: a carton, a stone, a shadow (a height of 0.01). */
export function thing(name: string, path: Path, size: Size): Actor {
  return actor(name, "thing", path, { size, isUnnamed: true });
}

/** What stands in front of others and hides them; it is part of the usual picture. */
export type Occluder = Cuboid;

export function post(x: number, y: number, widthM = 0.4, heightM = 5): Occluder {
  return { x, y, z: 0, headingDeg: 0, lengthM: widthM, widthM, heightM };
}

/** A van parked across the view. */
export function van(x: number, y: number): Occluder {
  return { x, y, z: 0, headingDeg: 90, lengthM: 5, widthM: 2, heightM: 2.2 };
}

export function wall(from: PointM, to: PointM, heightM: number): Occluder {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  return {
    x: (from[0] + to[0]) / 2,
    y: (from[1] + to[1]) / 2,
    z: 0,
    headingDeg: (Math.atan2(dx, dy) * 180) / Math.PI,
    lengthM: Math.hypot(dx, dy),
    widthM: 0.2,
    heightM,
  };
}

const LYING_HEIGHT_M = 0.35;
const CROUCHING_SHARE = 0.6;

/** What it fills at a moment of its path, or nothing when it is not there. */
export function bodyAt({ size, path }: Actor, timeS: number): Cuboid | undefined {
  const placement = path.at(timeS);
  if (placement === undefined) {
    return undefined;
  }
  const { lying, crouching } = placement;
  const mix = (upright: number, flat: number): number => upright + lying * (flat - upright);
  return {
    x: placement.x,
    y: placement.y,
    z: placement.z,
    headingDeg: placement.headingDeg,
    lengthM: mix(size.lengthM, Math.max(size.lengthM, size.heightM)),
    widthM: size.widthM,
    heightM: mix(
      size.heightM * (1 - crouching * (1 - CROUCHING_SHARE)),
      Math.min(size.heightM, LYING_HEIGHT_M),
    ),
  };
}
