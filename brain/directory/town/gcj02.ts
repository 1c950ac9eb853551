/**
 * GCJ-02, the shifted reference system of Chinese maps. The formula is the one that all public
 * converters share (krasovsky ellipsoid); it is inverted by iteration to below a millimetre.
 */
import type { LonLat } from "../../../protocol/index.ts";

const AXIS_M = 6_378_245;
const ECCENTRICITY2 = 0.006_693_421_622_965_943;
const ROUNDS = 6;

/** Outside of China the two systems are the same. */
function isShifted([lon, lat]: LonLat): boolean {
  return lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
}

export function wgs84ToGcj02(position: LonLat): LonLat {
  if (!isShifted(position)) {
    return position;
  }
  const [lon, lat] = position;
  const x = lon - 105;
  const y = lat - 35;
  const phi = (lat / 180) * Math.PI;
  const magic = 1 - ECCENTRICITY2 * Math.sin(phi) ** 2;
  const meridianM = (AXIS_M * (1 - ECCENTRICITY2)) / (magic * Math.sqrt(magic));
  const parallelM = (AXIS_M / Math.sqrt(magic)) * Math.cos(phi);
  return [
    lon + (shiftEast(x, y) * 180) / (parallelM * Math.PI),
    lat + (shiftNorth(x, y) * 180) / (meridianM * Math.PI),
  ];
}

export function gcj02ToWgs84(position: LonLat): LonLat {
  if (!isShifted(position)) {
    return position;
  }
  let [lon, lat] = position;
  for (let round = 0; round < ROUNDS; round += 1) {
    const there = wgs84ToGcj02([lon, lat]);
    lon += position[0] - there[0];
    lat += position[1] - there[1];
  }
  return [lon, lat];
}

const wave = (value: number): number => Math.sin(value * Math.PI);

function shiftNorth(x: number, y: number): number {
  const plain = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x));
  const common = (20 * wave(6 * x) + 20 * wave(2 * x)) * (2 / 3);
  const fine = (20 * wave(y) + 40 * wave(y / 3)) * (2 / 3);
  const coarse = (160 * wave(y / 12) + 320 * wave(y / 30)) * (2 / 3);
  return plain + common + fine + coarse;
}

function shiftEast(x: number, y: number): number {
  const plain = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x));
  const common = (20 * wave(6 * x) + 20 * wave(2 * x)) * (2 / 3);
  const fine = (20 * wave(x) + 40 * wave(x / 3)) * (2 / 3);
  const coarse = (150 * wave(x / 12) + 300 * wave(x / 30)) * (2 / 3);
  return plain + common + fine + coarse;
}
