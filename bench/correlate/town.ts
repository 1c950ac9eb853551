/**
 * A made-up town: a crooked grid of streets, cameras along them, and the nodes they hang on. It
 * knows nothing of how alarms are correlated.
 */
import { gaussian, pick, type Random } from "./chance.ts";

/** Metres east and north of the town's corner. */
export interface Spot {
  readonly east: number;
  readonly north: number;
}

export interface TownNode {
  readonly id: string;
  /** Node clock minus true time, ms, and what a heartbeat says of it. */
  readonly skewMs: number;
  readonly measuredSkewMs: number;
  readonly crs: "WGS84" | "GCJ02";
}

export interface TownCamera {
  readonly id: string;
  readonly node: TownNode;
  readonly spot: Spot;
  /** Direction of view and half its width, rad; how far it sees a person, m. */
  readonly heading: number;
  readonly halfWidth: number;
  readonly rangeM: number;
  /** A calibrated camera says where the thing is, with a lasting error; others say where they are. */
  readonly calibration: { readonly east: number; readonly north: number } | null;
  readonly saysAccuracy: boolean;
  readonly gridCode: string;
}

export interface Town {
  readonly sizeM: number;
  readonly nodes: readonly TownNode[];
  readonly cameras: readonly TownCamera[];
  readonly crossings: readonly (readonly Spot[])[];
  /** Where much happens: market, station, school, river bank. */
  readonly hotSpots: readonly Spot[];
  /** Pairs of cameras next to each other on a street, as far as somebody has entered them. */
  readonly ways: readonly { readonly from: TownCamera; readonly to: TownCamera; metres: number }[];
}

export interface TownPlan {
  readonly sizeM: number;
  readonly cameras: number;
  readonly camerasPerNode: number;
}

const GRID_M = 250;
/** The furthest that any camera sees a person, m. */
export const MAX_RANGE_M = 65;

export function buildTown(plan: TownPlan, random: Random): Town {
  const crossings = layStreets(plan.sizeM, random);
  const nodes = Array.from({ length: Math.ceil(plan.cameras / plan.camerasPerNode) }, (_, index) =>
    buildNode(`node-${index}`, random),
  );
  const cameras = Array.from({ length: plan.cameras }, (_, index) => {
    const node = nodes[Math.floor(index / plan.camerasPerNode)] as TownNode;
    return buildCamera(`cam-${index}`, node, placeOnStreet(crossings, random), random);
  });
  const hotSpots = Array.from({ length: 8 }, () => placeOnStreet(crossings, random));
  return {
    sizeM: plan.sizeM,
    nodes,
    cameras,
    crossings,
    hotSpots,
    ways: enterWays(cameras, random),
  };
}

function layStreets(sizeM: number, random: Random): Spot[][] {
  const count = Math.round(sizeM / 200) + 1;
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: count }, (_, column) => ({
      east: column * 200 + gaussian(random) * 15,
      north: row * 200 + gaussian(random) * 15,
    })),
  );
}

/** A third of the clocks is off by up to two minutes; what heartbeats say of it is nearly right. */
function buildNode(id: string, random: Random): TownNode {
  const isOff = random() < 0.33;
  const skewMs = isOff ? (random() * 2 - 1) * 120_000 : gaussian(random) * 200;
  const drift = isOff ? gaussian(random) * 1_500 : 0;
  return {
    id,
    skewMs,
    measuredSkewMs: skewMs + gaussian(random) * 150 + drift,
    crs: random() < 0.1 ? "GCJ02" : "WGS84",
  };
}

function buildCamera(id: string, node: TownNode, spot: Spot, random: Random): TownCamera {
  const isDome = random() < 0.2;
  const column = Math.floor(spot.east / GRID_M);
  const row = Math.floor(spot.north / GRID_M);
  return {
    id,
    node,
    spot,
    heading: random() * 2 * Math.PI,
    halfWidth: isDome ? Math.PI : 0.5 + random() * 0.5,
    rangeM: 30 + random() * (MAX_RANGE_M - 30),
    calibration:
      random() < 0.5 ? { east: gaussian(random) * 3, north: gaussian(random) * 3 } : null,
    saysAccuracy: random() < 0.5,
    gridCode: `110115001${pad(row)}${pad(column)}`,
  };
}

function pad(number: number): string {
  return String(Math.max(0, number)).padStart(3, "0");
}

export function placeOnStreet(crossings: readonly (readonly Spot[])[], random: Random): Spot {
  const row = Math.floor(random() * crossings.length);
  const column = Math.floor(random() * crossings.length);
  const here = crossings[row]?.[column] as Spot;
  const next = pick(neighboursOf(crossings, row, column), random);
  const along = random();
  return {
    east: here.east + (next.east - here.east) * along + gaussian(random) * 4,
    north: here.north + (next.north - here.north) * along + gaussian(random) * 4,
  };
}

function neighboursOf(
  crossings: readonly (readonly Spot[])[],
  row: number,
  column: number,
): Spot[] {
  return [
    crossings[row]?.[column + 1],
    crossings[row]?.[column - 1],
    crossings[row + 1]?.[column],
    crossings[row - 1]?.[column],
  ].filter((spot) => spot !== undefined);
}

/** A walk along the streets from a place near it, crossing by crossing. */
export function strollFrom(town: Town, from: Spot, metres: number, random: Random): Spot[] {
  const { crossings } = town;
  let row = clamp(Math.round(from.north / 200), crossings.length);
  let column = clamp(Math.round(from.east / 200), crossings.length);
  const path = [from];
  const heading = Math.floor(random() * 4);
  for (let walked = 0; walked < metres; walked += 200) {
    path.push(crossings[row]?.[column] as Spot);
    const turn = random() < 0.25 ? (random() < 0.5 ? 1 : 3) : 0;
    const side = (heading + turn) % 4;
    row = clamp(row + ([0, 0, 1, -1][side] ?? 0), crossings.length);
    column = clamp(column + ([1, -1, 0, 0][side] ?? 0), crossings.length);
  }
  path.push(crossings[row]?.[column] as Spot);
  return path;
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index));
}

export function metresBetween(a: Spot, b: Spot): number {
  return Math.hypot(a.east - b.east, a.north - b.north);
}

/** Seven of ten neighbourhoods of cameras are in the directory. */
function enterWays(cameras: readonly TownCamera[], random: Random): Town["ways"] {
  const ways: { from: TownCamera; to: TownCamera; metres: number }[] = [];
  cameras.forEach((from, index) => {
    const nearest = cameras
      .slice(index + 1)
      .map((to) => ({ from, to, metres: metresBetween(from.spot, to.spot) }))
      .filter(({ metres }) => metres < 260)
      .sort((a, b) => a.metres - b.metres)
      .slice(0, 4);
    ways.push(...nearest.filter(() => random() < 0.7));
  });
  return ways;
}

export function canSee(camera: TownCamera, at: Spot, rangeM: number): boolean {
  const metres = metresBetween(camera.spot, at);
  if (metres > rangeM) {
    return false;
  }
  const bearing = Math.atan2(at.north - camera.spot.north, at.east - camera.spot.east);
  const off = Math.abs(
    Math.atan2(Math.sin(bearing - camera.heading), Math.cos(bearing - camera.heading)),
  );
  return off <= camera.halfWidth;
}
