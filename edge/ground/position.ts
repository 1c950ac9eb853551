/** Where on the map a point of the ground lies. */
import type { Location, PointNorm } from "../../protocol/index.ts";
import type { Ground } from "./ground.ts";

/** Half axis (m) and squared eccentricity of WGS84; those of CGCS2000 differ by less than 0.1 mm. */
const AXIS_M = 6_378_137;
const ECCENTRICITY2 = 0.006_694_38;

/**
 * GCJ02 displaces a place by hundreds of metres, but its neighbours by almost the same: its terms
 * change by up to about 0.5 % of the distance between the two.
 */
const GCJ02_SHARE = 0.005;

/**
 * The position of a point of the picture, in the reference system of the camera's location, by the
 * ellipsoid's metres per degree there (good for some kilometres). `accuracyM` adds up, as errors
 * that know nothing of each other, what the camera's location and the calibration may be off.
 * `undefined` at or above the horizon.
 */
export function positionOf(
  ground: Ground,
  point: PointNorm,
  location: Location,
): Location | undefined {
  const metres = ground.toMetres(point);
  const offM = ground.accuracyM(point);
  if (metres === undefined || offM === undefined) {
    return undefined;
  }
  const [eastM, northM] = metres;
  const phi = (location.lat * Math.PI) / 180;
  const flattened = 1 - ECCENTRICITY2 * Math.sin(phi) ** 2;
  const northRadiusM = (AXIS_M * (1 - ECCENTRICITY2)) / flattened ** 1.5;
  const eastRadiusM = (AXIS_M / Math.sqrt(flattened)) * Math.max(1e-6, Math.cos(phi));
  const lat = location.lat + ((northM / northRadiusM) * 180) / Math.PI;
  const lon = location.lon + ((eastM / eastRadiusM) * 180) / Math.PI;
  const warpM = location.crs === "GCJ02" ? GCJ02_SHARE * Math.hypot(eastM, northM) : 0;
  return {
    lat: Math.min(90, Math.max(-90, lat)),
    lon: ((((lon + 180) % 360) + 360) % 360) - 180,
    crs: location.crs,
    accuracyM: Math.hypot(location.accuracyM ?? 0, offM, warpM),
  };
}
