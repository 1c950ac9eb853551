/** Places on a plane in metres, so that distances are cheap and cells are numbers. */
import type { Location } from "../../protocol/index.ts";
import { fromGcj02 } from "./gcj02.ts";

/** Mercator metres; a length on the plane times `scale` is a length on the ground. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  /** How far the truth may lie from it, m (one standard deviation). */
  readonly accuracyM: number;
}

const EARTH_M = 6_378_137;
const RAD = Math.PI / 180;
/** The projection ends before the poles. */
const MAX_LAT = 85;
/**
 * Where nothing is said of accuracy the place is the camera's own, and what it sees lies somewhere
 * in its view: street cameras see 20–60 m well.
 */
const VIEW_M = 30;
/** Beyond this a place says nothing, and a search around it would be a search everywhere. */
export const MAX_ACCURACY_M = 100;

/** Metres from the origin to longitude ±180°. */
export const HALF_WORLD_M = Math.PI * EARTH_M;

export function placeOf(location: Location): Place {
  const { lat, lon } = location.crs === "GCJ02" ? fromGcj02(location) : location;
  const phi = Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * RAD;
  return {
    x: EARTH_M * lon * RAD,
    y: EARTH_M * Math.log(Math.tan(Math.PI / 4 + phi / 2)),
    scale: Math.cos(phi),
    accuracyM: Math.min(location.accuracyM ?? VIEW_M, MAX_ACCURACY_M),
  };
}

/** Ground distance in m; true to 0.1 % over a town. */
export function distanceM(a: Place, b: Place): number {
  return (Math.hypot(a.x - b.x, a.y - b.y) * (a.scale + b.scale)) / 2;
}
