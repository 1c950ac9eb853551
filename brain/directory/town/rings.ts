/** Whether the borders of areas are sound: closed, simple, and side by side. */
import type { Area, AreaGeometry, LonLat } from "../../../protocol/index.ts";
import {
  type Bounds,
  boundsOf,
  degreeSizeAt,
  distanceToEdgesM,
  edgesOf,
  innerPoint,
  isInside,
  polygonsOf,
  turn,
} from "./geometry.ts";
import type { Located } from "./located.ts";
import type { Report } from "./problems.ts";

/** Borders that were drawn twice differ by a little; below this it is no overlap. */
const OVERLAP_TOLERANCE_M = 1;
const SMALLEST_AREA_M2 = 1;

export function checkRings(geometry: AreaGeometry, where: string, report: Report): boolean {
  const before = { count: 0 };
  const complain: Report = (problem) => {
    before.count += 1;
    report(problem);
  };
  polygonsOf(geometry).forEach((rings, polygon) => {
    rings.forEach((ring, index) => {
      const part = geometry.type === "Polygon" ? "" : ` polygon ${polygon + 1}`;
      checkRing(ring, `${where}${part} ring ${index + 1}`, complain);
    });
    checkHoles(rings, where, complain);
  });
  return before.count === 0;
}

function checkRing(ring: readonly LonLat[], where: string, report: Report): void {
  const first = ring[0] as LonLat;
  const last = ring.at(-1) as LonLat;
  if (first[0] !== last[0] || first[1] !== last[1]) {
    report({
      where,
      message: "the ring is not closed",
      expected: `its first position [${first.join(", ")}] again at the end`,
      got: `[${last.join(", ")}]`,
    });
    return;
  }
  const areaM2 = Math.abs(areaOf(ring));
  if (areaM2 < SMALLEST_AREA_M2) {
    report({
      where,
      message: "the ring holds no area",
      expected: `at least ${SMALLEST_AREA_M2} m²`,
      got: `${areaM2.toFixed(2)} m²`,
    });
    return;
  }
  const crossing = findSelfCrossing(ring);
  if (crossing !== undefined) {
    report({
      where,
      message: "the ring crosses or touches itself",
      expected: "a simple ring",
      got: `edges ${crossing[0] + 1} and ${crossing[1] + 1} meet`,
    });
  }
}

function areaOf(ring: readonly LonLat[]): number {
  const [lon0, lat0] = ring[0] as LonLat;
  const { lonM, latM } = degreeSizeAt(lat0);
  let twice = 0;
  for (let i = 1; i < ring.length; i += 1) {
    const [ax, ay] = ring[i - 1] as LonLat;
    const [bx, by] = ring[i] as LonLat;
    twice += (ax - lon0) * (by - lat0) - (bx - lon0) * (ay - lat0);
  }
  return (twice / 2) * lonM * latM;
}

/** Sweeps from west to east, so that only edges that share a longitude are compared. */
function findSelfCrossing(ring: readonly LonLat[]): readonly [number, number] | undefined {
  const count = ring.length - 1;
  const west = (edge: number): number =>
    Math.min((ring[edge] as LonLat)[0], (ring[edge + 1] as LonLat)[0]);
  const east = (edge: number): number =>
    Math.max((ring[edge] as LonLat)[0], (ring[edge + 1] as LonLat)[0]);
  const order = Array.from({ length: count }, (_, edge) => edge).sort((a, b) => west(a) - west(b));
  for (let i = 0; i < count; i += 1) {
    const one = order[i] as number;
    for (let j = i + 1; j < count && west(order[j] as number) <= east(one); j += 1) {
      const two = order[j] as number;
      const [a, b] = [Math.min(one, two), Math.max(one, two)];
      const areNeighbours = b - a === 1 || (a === 0 && b === count - 1);
      if (areNeighbours ? foldsBack(ring, a, b, count) : meets(ring, a, b)) {
        return [a, b];
      }
    }
  }
  return undefined;
}

function edgeAt(ring: readonly LonLat[], index: number): readonly [LonLat, LonLat] {
  return [ring[index] as LonLat, ring[index + 1] as LonLat];
}

/** Neighbours share one end by nature; they must not run back along each other. */
function foldsBack(ring: readonly LonLat[], a: number, b: number, count: number): boolean {
  const [from, via, to] =
    b - a === 1
      ? [ring[a] as LonLat, ring[b] as LonLat, ring[b + 1] as LonLat]
      : [ring[count - 1] as LonLat, ring[0] as LonLat, ring[1] as LonLat];
  const dot = (via[0] - from[0]) * (to[0] - via[0]) + (via[1] - from[1]) * (to[1] - via[1]);
  return turn(from, via, to) === 0 && dot <= 0;
}

function meets(ring: readonly LonLat[], a: number, b: number): boolean {
  const [p, q] = edgeAt(ring, a);
  const [r, s] = edgeAt(ring, b);
  const d1 = turn(p, q, r);
  const d2 = turn(p, q, s);
  const d3 = turn(r, s, p);
  const d4 = turn(r, s, q);
  if (Math.sign(d1) * Math.sign(d2) < 0 && Math.sign(d3) * Math.sign(d4) < 0) {
    return true;
  }
  return (
    (d1 === 0 && isBetween(p, q, r)) ||
    (d2 === 0 && isBetween(p, q, s)) ||
    (d3 === 0 && isBetween(r, s, p)) ||
    (d4 === 0 && isBetween(r, s, q))
  );
}

/** For a point on the line through a and b. */
function isBetween(a: LonLat, b: LonLat, point: LonLat): boolean {
  return (
    point[0] >= Math.min(a[0], b[0]) &&
    point[0] <= Math.max(a[0], b[0]) &&
    point[1] >= Math.min(a[1], b[1]) &&
    point[1] <= Math.max(a[1], b[1])
  );
}

function checkHoles(
  [border, ...holes]: readonly (readonly LonLat[])[],
  where: string,
  report: Report,
): void {
  const edges = edgesOf({ type: "Polygon", coordinates: [border as LonLat[]] });
  holes.forEach((hole, index) => {
    const stray = hole.find(
      ([lon, lat]) =>
        !isInside(edges, lon, lat) && distanceToEdgesM(edges, lon, lat) > OVERLAP_TOLERANCE_M,
    );
    if (stray !== undefined) {
      report({
        where: `${where} ring ${index + 2}`,
        message: "the hole lies outside of its border",
        expected: "a hole within the first ring",
        got: `[${stray.join(", ")}]`,
      });
    }
  });
}

interface Shape {
  readonly code: string;
  readonly where: string;
  readonly bounds: Bounds;
  readonly edges: Float64Array;
  readonly probes: readonly LonLat[];
}

/** Reports each pair of grids that share ground. */
export function refuseOverlaps(grids: readonly Located<Area>[], report: Report): void {
  const shapes = grids
    .flatMap(({ value, where }): Shape[] =>
      value.geometry === null ? [] : [shapeOf(value.code, where, value.geometry)],
    )
    .sort((a, b) => a.bounds.west - b.bounds.west);
  shapes.forEach((one, i) => {
    for (let j = i + 1; j < shapes.length; j += 1) {
      const two = shapes[j] as Shape;
      if (two.bounds.west > one.bounds.east) {
        break;
      }
      if (two.bounds.south > one.bounds.north || two.bounds.north < one.bounds.south) {
        continue;
      }
      const place = reachesInto(one, two) ?? reachesInto(two, one);
      if (place !== undefined) {
        report({
          where: two.where,
          message: `the grid overlaps grid ${one.code}`,
          expected: `borders that meet; the other is at ${one.where}`,
          got: `both hold [${place.join(", ")}]`,
        });
      }
    }
  });
}

function shapeOf(code: string, where: string, geometry: AreaGeometry): Shape {
  const positions = polygonsOf(geometry).flat(2);
  const edges = edgesOf(geometry);
  const probes: LonLat[] = [innerPoint(geometry), ...positions];
  for (let i = 0; i < edges.length; i += 4) {
    probes.push([
      ((edges[i] as number) + (edges[i + 2] as number)) / 2,
      ((edges[i + 1] as number) + (edges[i + 3] as number)) / 2,
    ]);
  }
  return { code, where, bounds: boundsOf(positions), edges, probes };
}

/** A corner, middle of an edge or inner point of one that lies well inside of the other. */
function reachesInto(one: Shape, two: Shape): LonLat | undefined {
  return one.probes.find(
    ([lon, lat]) =>
      isInside(two.edges, lon, lat) && distanceToEdgesM(two.edges, lon, lat) > OVERLAP_TOLERANCE_M,
  );
}
