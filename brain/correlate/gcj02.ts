/**
 * GCJ-02 back to WGS 84: Chinese maps shift positions by up to some 700 m, far more than the
 * distances that correlation judges. The formula is the public one; iterating its inverse leaves
 * less than a decimetre.
 */
const A = 6_378_245;
const EE = 0.006_693_421_622_965_943;
const RAD = Math.PI / 180;

export interface Degrees {
  readonly lat: number;
  readonly lon: number;
}

/** The shift is defined within these bounds only; outside both systems are the same. */
function isShifted({ lat, lon }: Degrees): boolean {
  return lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
}

/** WGS 84 → GCJ-02. */
export function toGcj02(place: Degrees): Degrees {
  if (!isShifted(place)) {
    return place;
  }
  const { lat, lon } = place;
  const x = lon - 105;
  const y = lat - 35;
  const magic = 1 - EE * Math.sin(lat * RAD) ** 2;
  const root = Math.sqrt(magic);
  const dLat = (shiftLat(x, y) * 180) / (((A * (1 - EE)) / (magic * root)) * Math.PI);
  const dLon = (shiftLon(x, y) * 180) / ((A / root) * Math.cos(lat * RAD) * Math.PI);
  return { lat: lat + dLat, lon: lon + dLon };
}

/** GCJ-02 → WGS 84. */
export function fromGcj02(place: Degrees): Degrees {
  let guess = place;
  for (let round = 0; round < 3; round += 1) {
    const shifted = toGcj02(guess);
    guess = {
      lat: guess.lat - (shifted.lat - place.lat),
      lon: guess.lon - (shifted.lon - place.lon),
    };
  }
  return guess;
}

function waves(t: number, a: number, b: number, c: number, d: number): number {
  return (
    ((20 * Math.sin(t * Math.PI) + 40 * Math.sin((t * Math.PI) / 3)) * 2) / 3 +
    ((a * Math.sin((t * Math.PI) / b) + c * Math.sin((t * Math.PI) / d)) * 2) / 3
  );
}

function ripple(x: number): number {
  return ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;
}

function shiftLat(x: number, y: number): number {
  const plane = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x));
  return plane + ripple(x) + waves(y, 160, 12, 320, 30);
}

function shiftLon(x: number, y: number): number {
  const plane = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x));
  return plane + ripple(x) + waves(x, 150, 12, 300, 30);
}
