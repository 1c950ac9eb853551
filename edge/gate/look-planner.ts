/**
 * Where the detector looks next, from what the gate saw and which objects are known: nothing,
 * a few regions, or the whole frame. A look at the whole frame comes first, after every change of
 * the whole picture, and at the latest every fullLookMs, so that what stands still is not forgotten.
 */
import type { BoxNorm, EpochMs } from "../../protocol/index.ts";
import type { GateVerdict } from "./motion-gate.ts";

export type Look =
  | { readonly kind: "full" }
  /** 1–3 disjoint regions in fractions of the frame. */
  | { readonly kind: "regions"; readonly regions: readonly BoxNorm[] };

const FULL: Look = { kind: "full" };
const MAX_REGIONS = 3;
/** Of a region's width and height, on either side: the detector needs what is around an object. */
const MARGIN = 0.25;
/** … but a large region needs no more than this share of the frame. */
const MAX_MARGIN = 0.06;
const MIN_SIDE = 0.2;
/** From this share of the frame on, one look at all of it is the cheaper. */
const FULL_SHARE = 0.5;
/** What a look costs besides its area, as a share of a full one. */
const LOOK_COST = 0.04;
/** A full look is asked for again when it has not been done for this long, ms. */
const RETRY_MS = 500;
/** Between full looks while the gate calibrates, ms. */
const CALIBRATING_MS = 250;

export class LookPlanner {
  private readonly fullLookMs: number;
  private fullDoneAt: EpochMs | undefined;
  /** The whole picture changed and has not been looked at since. */
  private changed = false;
  private fullAskedAt: EpochMs | undefined;

  constructor(options: { readonly fullLookMs: number }) {
    this.fullLookMs = options.fullLookMs;
  }

  /** undefined: nothing to look at, the frame may be skipped. `objects`: known tracks now. */
  plan(verdict: GateVerdict, objects: readonly BoxNorm[], at: EpochMs): Look | undefined {
    if (verdict.kind === "lighting" || verdict.kind === "camera-moved") {
      this.changed = true;
      return this.askFull(at);
    }
    if (this.fullIsDue(at, verdict.kind === "calibrating" ? CALIBRATING_MS : this.fullLookMs)) {
      return this.askFull(at);
    }
    if (verdict.kind !== "motion" || verdict.regions.length === 0) {
      return undefined;
    }
    const regions = plannedRegions(verdict.regions, objects);
    return area(regions) > FULL_SHARE ? this.askFull(at) : { kind: "regions", regions };
  }

  /** A look at a frame taken at `at` was completed. */
  done(look: Look, at: EpochMs): void {
    if (look.kind === "full") {
      this.fullDoneAt = Math.max(at, this.fullDoneAt ?? at);
      this.changed = false;
      this.fullAskedAt = undefined;
    }
  }

  private askFull(at: EpochMs): Look {
    this.fullAskedAt = at;
    return FULL;
  }

  private fullIsDue(at: EpochMs, everyMs: number): boolean {
    if (this.fullAskedAt !== undefined && at - this.fullAskedAt < RETRY_MS) {
      return false; // Under way.
    }
    return this.changed || this.fullDoneAt === undefined || at - this.fullDoneAt >= everyMs;
  }
}

function plannedRegions(
  moving: readonly BoxNorm[],
  objects: readonly BoxNorm[],
): readonly BoxNorm[] {
  let regions = moving.map((region) => grown(region));
  for (;;) {
    regions = regions.map((region) => withObjects(region, objects));
    const pair = pairToMerge(regions);
    if (pair === undefined) {
      return regions;
    }
    const [i, j] = pair;
    const merged = union(regions[i] as BoxNorm, regions[j] as BoxNorm);
    regions = regions.filter((_, k) => k !== i && k !== j);
    regions.push(merged);
  }
}

/** The pair whose union costs least, while it saves something, overlaps, or there are too many. */
function pairToMerge(regions: readonly BoxNorm[]): readonly [number, number] | undefined {
  let best: readonly [number, number] | undefined;
  let bestGrowth = regions.length > MAX_REGIONS ? Infinity : LOOK_COST;
  for (let i = 0; i < regions.length; i++) {
    for (let j = i + 1; j < regions.length; j++) {
      const a = regions[i] as BoxNorm;
      const b = regions[j] as BoxNorm;
      const growth = area([union(a, b)]) - area([a, b]);
      if (overlap(a, b)) {
        return [i, j]; // Else an object in both would be found twice.
      }
      if (growth < bestGrowth) {
        best = [i, j];
        bestGrowth = growth;
      }
    }
  }
  return best;
}

/** Objects that it would cut are taken in whole, until none is cut. */
function withObjects(region: BoxNorm, objects: readonly BoxNorm[]): BoxNorm {
  let whole = region;
  for (let again = true; again; ) {
    again = false;
    for (const object of objects) {
      if (overlap(whole, object) && !contains(whole, object)) {
        whole = union(whole, object);
        again = true;
      }
    }
  }
  return whole;
}

function grown(box: BoxNorm): BoxNorm {
  const [left, width] = grownSpan(box.left, box.width);
  const [top, height] = grownSpan(box.top, box.height);
  return { left, top, width, height };
}

/** Wider by the margin, at least the smallest side, moved rather than cut at the frame's edge. */
function grownSpan(from: number, length: number): readonly [number, number] {
  const wide = Math.min(1, Math.max(MIN_SIDE, length + 2 * Math.min(MAX_MARGIN, length * MARGIN)));
  const start = Math.min(1 - wide, Math.max(0, from + length / 2 - wide / 2));
  return [start, wide];
}

function overlap(a: BoxNorm, b: BoxNorm): boolean {
  return (
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height &&
    b.top < a.top + a.height
  );
}

/** Sums of fractions may be off by a rounding. */
const ROUNDING = 1e-9;

function contains(outer: BoxNorm, inner: BoxNorm): boolean {
  return (
    inner.left >= outer.left - ROUNDING &&
    inner.top >= outer.top - ROUNDING &&
    inner.left + inner.width <= outer.left + outer.width + ROUNDING &&
    inner.top + inner.height <= outer.top + outer.height + ROUNDING
  );
}

function union(a: BoxNorm, b: BoxNorm): BoxNorm {
  const left = Math.min(a.left, b.left);
  const top = Math.min(a.top, b.top);
  return {
    left,
    top,
    width: Math.max(a.left + a.width, b.left + b.width) - left,
    height: Math.max(a.top + a.height, b.top + b.height) - top,
  };
}

function area(boxes: readonly BoxNorm[]): number {
  return boxes.reduce((sum, box) => sum + box.width * box.height, 0);
}
