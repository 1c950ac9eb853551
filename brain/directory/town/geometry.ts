/** Plane geometry on the ground, good for the size of a district. */
import type { AreaGeometry, LonLat, PolygonRings } from "../../../protocol/index.ts";

const EARTH_RADIUS_M = 6_371_008.8;
const RAD = Math.PI / 180;

/** Metres per degree at a latitude; east–west shrinks towards the poles. */
export interface DegreeSize {
  readonly lonM: number;
  readonly latM: number;
}

export function degreeSizeAt(lat: number): DegreeSize {
  const latM = EARTH_RADIUS_M * RAD;
  return { lonM: latM * Math.cos(lat * RAD), latM };
}

export function polygonsOf(geometry: AreaGeometry): readonly PolygonRings[] {
  return geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
}

/** West, south, east, north in degrees. */
export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

export function boundsOf(positions: Iterable<LonLat>): Bounds {
  const bounds = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const [lon, lat] of positions) {
    bounds.west = Math.min(bounds.west, lon);
    bounds.south = Math.min(bounds.south, lat);
    bounds.east = Math.max(bounds.east, lon);
    bounds.north = Math.max(bounds.north, lat);
  }
  return bounds;
}

/**
 * Edges of all rings, four numbers each: lon and lat of the lower end, then of the upper end. Both
 * neighbours of a shared border so compute with the same numbers, and every point near it lies on
 * exactly one side.
 */
export function edgesOf(geometry: AreaGeometry): Float64Array {
  const edges: number[] = [];
  for (const ring of polygonsOf(geometry).flat()) {
    for (let i = 1; i < ring.length; i += 1) {
      const a = ring[i - 1] as LonLat;
      const b = ring[i] as LonLat;
      const isUp = a[1] < b[1] || (a[1] === b[1] && a[0] <= b[0]);
      const [low, high] = isUp ? [a, b] : [b, a];
      edges.push(low[0], low[1], high[0], high[1]);
    }
  }
  return Float64Array.from(edges);
}

/** Even–odd rule over all rings, so that holes are outside. */
export function isInside(edges: Float64Array, lon: number, lat: number): boolean {
  let inside = false;
  for (let i = 0; i < edges.length; i += 4) {
    const lowLat = edges[i + 1] as number;
    const highLat = edges[i + 3] as number;
    if (lowLat <= lat && lat < highLat) {
      const lowLon = edges[i] as number;
      const slope = ((edges[i + 2] as number) - lowLon) / (highLat - lowLat);
      if (lon < lowLon + (lat - lowLat) * slope) {
        inside = !inside;
      }
    }
  }
  return inside;
}

/** Metres from a place to the nearest edge. */
export function distanceToEdgesM(edges: Float64Array, lon: number, lat: number): number {
  const { lonM, latM } = degreeSizeAt(lat);
  let best = Infinity;
  for (let i = 0; i < edges.length; i += 4) {
    const ax = ((edges[i] as number) - lon) * lonM;
    const ay = ((edges[i + 1] as number) - lat) * latM;
    const dx = ((edges[i + 2] as number) - lon) * lonM - ax;
    const dy = ((edges[i + 3] as number) - lat) * latM - ay;
    const length2 = dx * dx + dy * dy;
    const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length2));
    best = Math.min(best, Math.hypot(ax + t * dx, ay + t * dy));
  }
  return best;
}

/** A place inside, away from the border where the shape allows it. */
export function innerPoint(geometry: AreaGeometry): LonLat {
  const edges = edgesOf(geometry);
  const { south, north } = boundsOf(polygonsOf(geometry).flat(2));
  let best: LonLat = [0, 0];
  let widest = -1;
  for (const share of [0.5, 0.37, 0.63, 0.21, 0.79]) {
    const lat = south + (north - south) * share;
    const crossings = crossingsAt(edges, lat);
    for (let i = 1; i < crossings.length; i += 2) {
      const from = crossings[i - 1] as number;
      const to = crossings[i] as number;
      if (to - from > widest) {
        widest = to - from;
        best = [(from + to) / 2, lat];
      }
    }
  }
  return best;
}

function crossingsAt(edges: Float64Array, lat: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < edges.length; i += 4) {
    const lowLat = edges[i + 1] as number;
    const highLat = edges[i + 3] as number;
    if (lowLat <= lat && lat < highLat) {
      const lowLon = edges[i] as number;
      found.push(
        lowLon + ((lat - lowLat) * ((edges[i + 2] as number) - lowLon)) / (highLat - lowLat),
      );
    }
  }
  return found.sort((a, b) => a - b);
}

/** Twice the signed area of a triangle: its sign tells on which side of a→b the point c lies. */
export function turn(a: LonLat, b: LonLat, c: LonLat): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
