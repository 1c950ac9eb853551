/**
 * Where objects were in the last seconds, over breaks of their track's id: a new track that begins
 * about where a missing one was heading goes on with its trail.
 */
import { footPoint, type EpochMs } from "../../../protocol/index.ts";
import type { Scene, SceneObject } from "../rule.ts";

/** One frame's sight of an object; lengths are picture heights, so that both axes have one unit. */
export interface Sighting {
  readonly at: EpochMs;
  /** First sight of this track, when it was not shown at once; `at` in all later sightings. */
  readonly since: EpochMs;
  /** Foot point: middle of the lower edge; x is 0 in the middle of the picture. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The picture's border cuts the box: neither its size nor its foot point is the object's. */
  readonly isCut: boolean;
  readonly object: SceneObject;
}

export interface Trail {
  /** Oldest first, never empty. */
  readonly sightings: readonly Sighting[];
  readonly last: Sighting;
}

interface MutableTrail extends Trail {
  readonly sightings: Sighting[];
  last: Sighting;
}

export interface TrailsOptions {
  /** How far back a trail reaches. */
  readonly keepMs: number;
  /** How long an object may be missing. */
  readonly gapMs: number;
}

const BORDER = 0.004;
/** A track is confirmed within so many frames. */
const TIMES = 8;
/** Sightings closer in time than this tell nothing more; it bounds the work at any frame rate. */
const MIN_SPACING_MS = 60;
/** A missing object is looked for within its own size, grown by what it may do meanwhile. */
const REACH_SIZES = 0.8;
const REACH_SIZES_PER_S = 2.5;
/** Farther than this, one and the same id is another object: sizes, and sizes a second. */
const JUMP_SIZES = 1;
const JUMP_SIZES_PER_S = 8;
/** Over this time a missing object's heading is taken. */
const HEADING_MS = 700;

export class Trails {
  readonly #options: TrailsOptions;
  readonly #byTrack = new Map<number, MutableTrail>();
  /** Times of the last scenes, the newest last. */
  #times: EpochMs[] = [];

  constructor(options: TrailsOptions) {
    this.#options = options;
  }

  /** Takes the objects of a scene that matter; gives their trails, in the same order. */
  observe(scene: Scene, objects: readonly SceneObject[]): readonly Trail[] {
    this.#forget(scene.at);
    this.#times = [...this.#times.slice(1 - TIMES), scene.at];
    const present = new Set(objects.map((object) => object.trackId));
    return objects.map((object) => {
      const sighting = sight(object, scene, this.#firstSight(object));
      const trail = this.#own(sighting) ?? this.#missing(sighting, present);
      if (trail === undefined) {
        const fresh = { sightings: [sighting], last: sighting };
        this.#byTrack.set(object.trackId, fresh);
        return fresh;
      }
      this.#byTrack.set(object.trackId, trail);
      this.#append(trail, sighting);
      return trail;
    });
  }

  /** A track is shown once it is confirmed, a few frames after its first sight. */
  #firstSight({ trackId, frames }: SceneObject): EpochMs {
    const isNew = !this.#byTrack.has(trackId) && frames <= this.#times.length;
    return this.#times.at(isNew ? -Math.max(1, frames) : -1) as EpochMs;
  }

  #own(sighting: Sighting): MutableTrail | undefined {
    const trail = this.#byTrack.get(sighting.object.trackId);
    if (trail === undefined) {
      return undefined;
    }
    const { last } = trail;
    const dtS = Math.max(0, sighting.at - last.at) / 1000;
    const way = Math.hypot(sighting.x - last.x, sighting.y - last.y);
    const size = Math.max(sizeOf(last), sizeOf(sighting));
    return way <= size * (JUMP_SIZES + JUMP_SIZES_PER_S * dtS) ? trail : undefined;
  }

  #missing(sighting: Sighting, present: ReadonlySet<number>): MutableTrail | undefined {
    let best: { readonly trackId: number; readonly trail: MutableTrail } | undefined;
    let bestDistance = Infinity;
    for (const [trackId, trail] of this.#byTrack) {
      if (present.has(trackId) || trail.last.object.label !== sighting.object.label) {
        continue;
      }
      const distance = distanceToHeading(trail, sighting);
      if (distance < bestDistance) {
        best = { trackId, trail };
        bestDistance = distance;
      }
    }
    if (best !== undefined) {
      this.#byTrack.delete(best.trackId);
    }
    return best?.trail;
  }

  #append(trail: MutableTrail, sighting: Sighting): void {
    const { sightings } = trail;
    const before = sightings.at(-2);
    if (before !== undefined && sighting.at - before.at < MIN_SPACING_MS) {
      sightings.pop();
    }
    sightings.push(sighting);
    trail.last = sighting;
    while ((sightings[0] as Sighting).at < sighting.at - this.#options.keepMs) {
      sightings.shift();
    }
  }

  #forget(at: EpochMs): void {
    for (const [trackId, trail] of this.#byTrack) {
      if (at - trail.last.at > this.#options.gapMs) {
        this.#byTrack.delete(trackId);
      }
    }
  }
}

function sight(object: SceneObject, { at, aspect }: Scene, since: EpochMs): Sighting {
  const { box } = object;
  const [x, y] = footPoint(box);
  const [right, bottom] = [box.left + box.width, box.top + box.height];
  return {
    at,
    since,
    x: (x - 0.5) * aspect,
    y,
    width: box.width * aspect,
    height: box.height,
    isCut: box.left < BORDER || box.top < BORDER || right > 1 - BORDER || bottom > 1 - BORDER,
    object,
  };
}

function sizeOf({ width, height }: Sighting): number {
  return Math.max(width, height);
}

/** Infinite where it cannot be the same object. */
function distanceToHeading({ sightings, last }: Trail, sighting: Sighting): number {
  const ratio = sizeOf(sighting) / sizeOf(last);
  if (!(ratio > 0.5 && ratio < 2)) {
    return Infinity;
  }
  const from = sightings.find((one) => last.at - one.at <= HEADING_MS) ?? last;
  const spanMs = last.at - from.at;
  const gapMs = sighting.at - last.at;
  const ahead = spanMs > 0 ? gapMs / spanMs : 0;
  const distance = Math.hypot(
    sighting.x - last.x - (last.x - from.x) * ahead,
    sighting.y - last.y - (last.y - from.y) * ahead,
  );
  const reach = sizeOf(last) * (REACH_SIZES + (REACH_SIZES_PER_S * gapMs) / 1000);
  return distance <= reach ? distance : Infinity;
}
