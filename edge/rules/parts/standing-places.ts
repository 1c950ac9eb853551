/**
 * Places where something stands still. They outlast what breaks a track: missed detections, something
 * that passes in front, a class that flickers between car and truck, an id that jumps to a passer-by.
 */
import { iou, type BoxNorm, type EpochMs } from "../../../protocol/index.ts";
import type { SceneObject } from "../rule.ts";
import { Standstill } from "./standstill.ts";

/** Who has been at a place for this long stands there; before, he may be passing. */
export const SETTLED_MS = 2000;
/** Seen elsewhere for this long, its object has left the place; a single odd box has not. */
const AWAY_MS = 1500;
/** Two boxes of different classes that overlap this much are one object, or of one class. */
const TWIN_OVERLAP = 0.6;
const DOUBLE_OVERLAP = 0.75;
/** What a cut box must still share with the place. */
const LEAST_OVERLAP = 0.3;

export interface Place {
  /** Where it stands, on average. */
  readonly box: BoxNorm;
  /** First frame of its standing there. */
  readonly since: EpochMs;
  /** Last frame in which something was seen to stand there. */
  readonly lastSeen: EpochMs;
  /** As last seen there. */
  readonly object: SceneObject;
  /** Tracks that stood there. */
  readonly trackIds: ReadonlySet<number>;
}

class Stand implements Place {
  readonly standstill: Standstill;
  readonly trackIds = new Set<number>();
  object: SceneObject;
  awaySince: EpochMs | undefined;

  constructor(moveShare: number, object: SceneObject, at: EpochMs) {
    this.standstill = new Standstill(moveShare, object.box, at);
    this.object = object;
    this.trackIds.add(object.trackId);
  }

  get box(): BoxNorm {
    return this.standstill.box;
  }

  get since(): EpochMs {
    return this.standstill.since;
  }

  get lastSeen(): EpochMs {
    return this.standstill.lastStill;
  }

  get isSettled(): boolean {
    return this.lastSeen - this.since >= SETTLED_MS;
  }

  see(object: SceneObject, at: EpochMs): void {
    this.standstill.stay(object.box, at);
    this.object = object;
    this.trackIds.add(object.trackId);
    this.awaySince = undefined;
  }
}

export interface StandingOptions {
  /** A shift by less than this share of an object's own size is standing still. */
  readonly moveShare: number;
  /** Hidden for no longer than this, it still stands there. */
  readonly gapMs: number;
}

export class StandingPlaces {
  readonly #options: StandingOptions;
  #places: Stand[] = [];

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  /** All places, also those whose object is hidden or has only just come to rest. */
  get places(): readonly Place[] {
    return this.#places;
  }

  /** @returns places that were left in this frame, or have been empty for too long. */
  observe(objects: readonly SceneObject[], at: EpochMs, aspect: number): readonly Place[] {
    const taken = new Map<Stand, SceneObject>();
    const homeless = objects.filter((object) => {
      const place = this.#placeOf(object, taken, aspect, true);
      return place === undefined || !this.#take(place, object, taken, at);
    });
    for (const object of homeless) {
      const place = this.#placeOf(object, taken, aspect, false);
      if (place === undefined || !this.#take(place, object, taken, at)) {
        this.#move(object, at, taken);
      }
    }
    return this.#leave(at);
  }

  /** The best place that the object's box fits; only where its track settled before, if `own`. */
  #placeOf(
    object: SceneObject,
    taken: ReadonlyMap<Stand, SceneObject>,
    aspect: number,
    own: boolean,
  ): Stand | undefined {
    let best: Stand | undefined;
    let bestRank = LEAST_OVERLAP;
    for (const place of this.#places) {
      if (own && !(place.isSettled && place.trackIds.has(object.trackId))) {
        continue;
      }
      const guest = taken.get(place);
      const isFree = guest === undefined || isTwin(guest, object);
      const overlap = iou(place.box, object.box);
      // A settled place comes first: a new id begins a place of its own while another holds the old.
      const rank = overlap >= LEAST_OVERLAP && place.isSettled ? overlap + 1 : overlap;
      if (isFree && rank >= bestRank && place.standstill.isHere(object.box, aspect)) {
        best = place;
        bestRank = rank;
      }
    }
    return best;
  }

  #take(place: Stand, object: SceneObject, taken: Map<Stand, SceneObject>, at: EpochMs): boolean {
    if (!taken.has(place)) {
      taken.set(place, object);
      place.see(object, at);
    }
    place.trackIds.add(object.trackId);
    // One odd box of a standing object has begun a place of its own: it is back.
    this.#places = this.#places.filter(
      (other) => other === place || other.isSettled || !other.trackIds.has(object.trackId),
    );
    return true;
  }

  /** It is at no known place. What it had not settled at was on its way; what it had may be left. */
  #move(object: SceneObject, at: EpochMs, taken: Map<Stand, SceneObject>): void {
    this.#places = this.#places.filter(
      (place) => taken.has(place) || place.isSettled || !place.trackIds.has(object.trackId),
    );
    for (const place of this.#places) {
      if (!place.trackIds.has(object.trackId)) {
        continue;
      }
      if (taken.has(place)) {
        place.trackIds.delete(object.trackId); // Its id went on to something else.
      } else {
        place.awaySince ??= at;
      }
    }
    const place = new Stand(this.#options.moveShare, object, at);
    this.#places.push(place);
    taken.set(place, object);
  }

  #leave(at: EpochMs): readonly Place[] {
    const left = this.#places.filter((place) => {
      const gapMs = place.isSettled
        ? this.#options.gapMs
        : Math.min(SETTLED_MS, this.#options.gapMs);
      const isAway = place.awaySince !== undefined && at - place.awaySince >= AWAY_MS;
      return isAway || at - place.lastSeen > gapMs;
    });
    this.#places = this.#places.filter((place) => !left.includes(place));
    return left;
  }
}

function isTwin(a: SceneObject, b: SceneObject): boolean {
  return iou(a.box, b.box) >= (a.label === b.label ? DOUBLE_OVERLAP : TWIN_OVERLAP);
}
