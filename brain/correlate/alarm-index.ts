/**
 * Alarms by place and time: cells of 512 plane metres and half an hour. A search looks into the
 * few cells that its radius and window touch, however many alarms there are.
 */
import type { EpochMs } from "../../protocol/index.ts";
import type { AlarmView } from "./alarm-view.ts";
import type { KnownAlarm } from "./incident.ts";
import { HALF_WORLD_M, type Place } from "./place.ts";

const CELL_M = 512;
const SLICE_MS = 30 * 60_000;
/** Cells from edge to edge of the plane need 18 bits; 16 bits of slices repeat after 3.7 years. */
const ROWS = 2 ** 18;
const SLICES = 2 ** 16;
/** A longer alarm is found through its first and last day. */
const MAX_SLICES = 48;

export class AlarmIndex {
  readonly #cells = new Map<number, KnownAlarm[]>();
  #search = 0;
  #worstAccuracyM = 0;

  /** The least sure place in it, m: a search need look no further than that explains. */
  get worstAccuracyM(): number {
    return this.#worstAccuracyM;
  }

  /** Also after the alarm has grown: what is there already stays. */
  add(alarm: KnownAlarm): void {
    const { view, cells } = alarm;
    const slices = slicesOf(view.start, view.end);
    for (const { x, y, accuracyM } of view.places) {
      this.#worstAccuracyM = Math.max(this.#worstAccuracyM, accuracyM);
      for (const slice of slices) {
        const key = cellKey(cellOf(x), cellOf(y), slice);
        if (!cells.includes(key)) {
          cells.push(key);
          const cell = this.#cells.get(key);
          if (cell === undefined) {
            this.#cells.set(key, [alarm]);
          } else {
            cell.push(alarm);
          }
        }
      }
    }
  }

  remove(alarm: KnownAlarm): void {
    for (const key of alarm.cells) {
      const cell = this.#cells.get(key);
      if (cell === undefined) {
        continue;
      }
      const at = cell.indexOf(alarm);
      if (at !== -1) {
        cell[at] = cell[cell.length - 1] as KnownAlarm;
        cell.pop();
      }
      if (cell.length === 0) {
        this.#cells.delete(key);
      }
    }
    alarm.cells.length = 0;
  }

  /** Meets every alarm that may lie within radius and window, each once. */
  forEachNear(
    view: AlarmView,
    radiusM: number,
    windowMs: number,
    meet: (alarm: KnownAlarm) => void,
  ): void {
    this.#search += 1;
    const mark = this.#search;
    const slices = slicesOf(view.start - windowMs, view.end + windowMs);
    for (const place of view.places) {
      const radius = radiusM / place.scale;
      const lastX = cellOf(place.x + radius);
      const lastY = cellOf(place.y + radius);
      for (let cx = cellOf(place.x - radius); cx <= lastX; cx += 1) {
        for (let cy = cellOf(place.y - radius); cy <= lastY; cy += 1) {
          for (const slice of slices) {
            this.#meet(cellKey(cx, cy, slice), mark, meet);
          }
        }
      }
    }
  }

  #meet(key: number, mark: number, meet: (alarm: KnownAlarm) => void): void {
    const cell = this.#cells.get(key);
    if (cell !== undefined) {
      for (const alarm of cell) {
        if (alarm.mark !== mark) {
          alarm.mark = mark;
          meet(alarm);
        }
      }
    }
  }

  get cellCount(): number {
    return this.#cells.size;
  }
}

function cellOf(metres: number): number {
  return Math.floor((metres + HALF_WORLD_M) / CELL_M);
}

function cellKey(cx: number, cy: number, slice: number): number {
  return (cx * ROWS + cy) * SLICES + (slice % SLICES);
}

/** Squares of 2,048 plane metres: what a stored alarm is found by. A search touches one to four. */
const REGION_CELLS = 4;

export function regionOf({ x, y }: Place): number {
  return regionNumber(regionAt(x), regionAt(y));
}

/** Regions that a search around the place touches. */
export function regionsAround(place: Place, radiusM: number): number[] {
  const radius = radiusM / place.scale;
  const [lastX, lastY] = [regionAt(place.x + radius), regionAt(place.y + radius)];
  const regions: number[] = [];
  for (let rx = regionAt(place.x - radius); rx <= lastX; rx += 1) {
    for (let ry = regionAt(place.y - radius); ry <= lastY; ry += 1) {
      regions.push(regionNumber(rx, ry));
    }
  }
  return regions;
}

function regionAt(metres: number): number {
  return Math.floor(cellOf(metres) / REGION_CELLS);
}

function regionNumber(rx: number, ry: number): number {
  return rx * ROWS + ry;
}

function slicesOf(start: EpochMs, end: EpochMs): number[] {
  const first = Math.max(0, Math.floor(start / SLICE_MS));
  const last = Math.max(first, Math.floor(end / SLICE_MS));
  const slices: number[] = [];
  if (last - first < MAX_SLICES) {
    for (let slice = first; slice <= last; slice += 1) {
      slices.push(slice);
    }
    return slices;
  }
  for (let i = 0; i < MAX_SLICES / 2; i += 1) {
    slices.push(first + i, last - i);
  }
  return slices;
}
