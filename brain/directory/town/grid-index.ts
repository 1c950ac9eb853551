/** Which grid a place lies in: a raster of bounds finds the few polygons worth a look. */
import type { AreaGeometry } from "../../../protocol/index.ts";
import {
  type Bounds,
  boundsOf,
  degreeSizeAt,
  distanceToEdgesM,
  edgesOf,
  isInside,
  polygonsOf,
} from "./geometry.ts";
import { compareText } from "./sheets.ts";

/** Raster cells per polygon: more make a look cheaper and the index larger. */
const CELLS_PER_SHAPE = 4;
const MAX_CELLS_A_SIDE = 1_024;

export interface GridShape {
  readonly code: string;
  readonly geometry: AreaGeometry;
}

export interface GridHit {
  readonly code: string;
  /** 0 inside; else metres to the grid that was taken because it is near. */
  readonly distanceM: number;
}

export interface GridIndex {
  /** @param limitM how far outside a place may lie and still belong to the nearest grid. */
  find(lon: number, lat: number, limitM: number): GridHit | undefined;
}

interface Shape {
  readonly code: string;
  readonly bounds: Bounds;
  readonly edges: Float64Array;
}

interface Raster {
  readonly bounds: Bounds;
  readonly columns: number;
  readonly rows: number;
  readonly cells: readonly (readonly Shape[])[];
}

/** Where polygons overlap the smallest code has the place. */
export function createGridIndex(grids: readonly GridShape[]): GridIndex {
  const shapes = grids
    .map(
      ({ code, geometry }): Shape => ({
        code,
        bounds: boundsOf(polygonsOf(geometry).flat(2)),
        edges: edgesOf(geometry),
      }),
    )
    .sort((a, b) => compareText(a.code, b.code));
  const raster = shapes.length === 0 ? undefined : createRaster(shapes);
  return {
    find: (lon, lat, limitM) =>
      raster === undefined
        ? undefined
        : (findInside(raster, lon, lat) ?? findNearest(raster, lon, lat, limitM)),
  };
}

function createRaster(shapes: readonly Shape[]): Raster {
  const bounds = boundsOf(
    shapes.flatMap(({ bounds: { west, south, east, north } }) => [
      [west, south] as const,
      [east, north] as const,
    ]),
  );
  const side = Math.ceil(Math.sqrt(shapes.length * CELLS_PER_SHAPE));
  const columns = Math.min(side, MAX_CELLS_A_SIDE);
  const cells: Shape[][] = Array.from({ length: columns * columns }, () => []);
  const raster = { bounds, columns, rows: columns, cells };
  for (const shape of shapes) {
    for (const index of cellsIn(raster, shape.bounds)) {
      cells[index]?.push(shape);
    }
  }
  return raster;
}

function columnOf({ bounds, columns }: Raster, lon: number): number {
  return clamp(((lon - bounds.west) / (bounds.east - bounds.west)) * columns, columns);
}

function rowOf({ bounds, rows }: Raster, lat: number): number {
  return clamp(((lat - bounds.south) / (bounds.north - bounds.south)) * rows, rows);
}

/** NaN, from a raster without extent, becomes 0. */
function clamp(value: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(value) || 0));
}

function* cellsIn(raster: Raster, { west, south, east, north }: Bounds): Generator<number> {
  const lastColumn = columnOf(raster, east);
  const lastRow = rowOf(raster, north);
  for (let row = rowOf(raster, south); row <= lastRow; row += 1) {
    for (let column = columnOf(raster, west); column <= lastColumn; column += 1) {
      yield row * raster.columns + column;
    }
  }
}

function findInside(raster: Raster, lon: number, lat: number): GridHit | undefined {
  if (!contains(raster.bounds, lon, lat)) {
    return undefined;
  }
  const index = rowOf(raster, lat) * raster.columns + columnOf(raster, lon);
  const shape = raster.cells[index]?.find(
    ({ bounds, edges }) => contains(bounds, lon, lat) && isInside(edges, lon, lat),
  );
  return shape === undefined ? undefined : { code: shape.code, distanceM: 0 };
}

function contains(bounds: Bounds, lon: number, lat: number): boolean {
  return lon >= bounds.west && lon <= bounds.east && lat >= bounds.south && lat <= bounds.north;
}

function findNearest(
  raster: Raster,
  lon: number,
  lat: number,
  limitM: number,
): GridHit | undefined {
  const { lonM, latM } = degreeSizeAt(lat);
  const reach = {
    west: lon - limitM / lonM,
    east: lon + limitM / lonM,
    south: lat - limitM / latM,
    north: lat + limitM / latM,
  };
  let best: GridHit | undefined;
  const seen = new Set<Shape>();
  for (const index of touches(reach, raster.bounds) ? cellsIn(raster, reach) : []) {
    for (const shape of raster.cells[index] ?? []) {
      if (seen.has(shape) || !touches(reach, shape.bounds)) {
        continue;
      }
      seen.add(shape);
      const distanceM = distanceToEdgesM(shape.edges, lon, lat);
      if (distanceM <= limitM && isNearer(shape.code, distanceM, best)) {
        best = { code: shape.code, distanceM };
      }
    }
  }
  return best;
}

function isNearer(code: string, distanceM: number, best: GridHit | undefined): boolean {
  return (
    best === undefined ||
    distanceM < best.distanceM ||
    (distanceM === best.distanceM && code < best.code)
  );
}

function touches(a: Bounds, b: Bounds): boolean {
  return a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north;
}
