/**
 * Places where something stands still. They outlast what breaks a track: missed detections, something
 * that passes in front, a class that flickers between car and truck, an id that jumps to a passer-by.
 */
import { iou, type BoxNorm, type EpochMs } from "../../../protocol/index.ts";
import type { SceneObject } from "../rule.ts";
import { BlindTime } from "./blind-time.ts";
import { Standstill } from "./standstill.ts";

/** Who has been at a place for this long stands there; before, he may be passing. */
export const SETTLED_MS = 2000;
/**
 * Seen elsewhere for this long, its object has left the place. Until then its id may have gone on to
 * something that passed in front, and it may turn up again under a new one.
 */
const AWAY_MS = 4000;
/** A track that comes from elsewhere takes a place over only if it was seen so lately. */
const TAKE_OVER_MS = 2000;
/** After a longer time without a look, nobody knows whether it is the same object that stands there. */
const MAX_BLIND_MS = 120_000;
/** No tracker gives an id back after this time unseen. */
const FORGET_TRACK_MS = 30_000;
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
  /** Of the time since it was last seen, in which nobody looked. */
  blindMs = 0;
  /** When its object was seen elsewhere first, and in how many frames so far. */
  away: { readonly since: EpochMs; frames: number } | undefined;

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

  /** A single odd box is no departure. */
  get isLeft(): boolean {
    return this.away !== undefined && this.away.frames > 1;
  }

  seeAway(at: EpochMs): void {
    this.away = { since: this.away?.since ?? at, frames: (this.away?.frames ?? 0) + 1 };
  }

  see(object: SceneObject, at: EpochMs): void {
    this.standstill.stay(object.box, at);
    this.object = object;
    this.trackIds.add(object.trackId);
    this.away = undefined;
    this.blindMs = 0;
  }
}

interface Frame {
  readonly at: EpochMs;
  readonly aspect: number;
  /** Who was put where so far. */
  readonly taken: Map<Stand, SceneObject>;
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
  /** In this frame, before it was settled. */
  #dropped: Stand[] = [];
  readonly #blind = new BlindTime();
  /** Where each track was seen first. */
  readonly #origins = new Map<number, { readonly box: BoxNorm; lastSeen: EpochMs }>();

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  /** All places, also those whose object is hidden or has only just come to rest. */
  get places(): readonly Place[] {
    return this.#places;
  }

  /** @returns places that were left in this frame, or have been empty for too long. */
  observe(objects: readonly SceneObject[], at: EpochMs, aspect: number): readonly Place[] {
    const blindMs = this.#blind.step(at);
    const unknown = blindMs > MAX_BLIND_MS ? this.clear() : [];
    for (const place of this.#places) {
      place.blindMs += blindMs;
    }
    this.#noteOrigins(objects, at);
    const frame = { at, aspect, taken: new Map<Stand, SceneObject>() };
    const homeless = objects.filter((object) => !this.#settle(object, frame, true));
    for (const object of homeless) {
      if (!this.#settle(object, frame, false)) {
        this.#move(object, frame);
      }
    }
    const dropped = this.#dropped;
    this.#dropped = [];
    return [...unknown, ...dropped, ...this.#leave(at)];
  }

  /** Forgets all places, and gives them. */
  clear(): readonly Place[] {
    const places = this.#places;
    this.#places = [];
    return places;
  }

  #noteOrigins(objects: readonly SceneObject[], at: EpochMs): void {
    for (const { trackId, box } of objects) {
      const origin = this.#origins.get(trackId) ?? { box, lastSeen: at };
      origin.lastSeen = at;
      this.#origins.set(trackId, origin);
    }
    for (const [trackId, { lastSeen }] of this.#origins) {
      if (at - lastSeen > FORGET_TRACK_MS) {
        this.#origins.delete(trackId);
        for (const place of this.#places) {
          place.trackIds.delete(trackId);
        }
      }
    }
  }

  /** Puts it where its box fits best; only where its track settled before, if `own`. */
  #settle(object: SceneObject, frame: Frame, own: boolean): boolean {
    let best: Stand | undefined;
    let bestRank = LEAST_OVERLAP;
    for (const place of this.#places) {
      const isOwn = place.trackIds.has(object.trackId);
      if (own ? !(isOwn && place.isSettled) : !isOwn && !this.#mayTakeOver(place, object, frame)) {
        continue;
      }
      const guest = frame.taken.get(place);
      const isFree = guest === undefined || isTwin(guest, object);
      const overlap = iou(place.box, object.box);
      // A settled place comes first: a new id begins a place of its own while another holds the old.
      const rank = overlap >= LEAST_OVERLAP && place.isSettled ? overlap + 1 : overlap;
      if (isFree && rank >= bestRank && place.standstill.isHere(object.box, frame.aspect)) {
        best = place;
        bestRank = rank;
      }
    }
    if (best === undefined) {
      return false;
    }
    this.#take(best, object, frame);
    return true;
  }

  /**
   * Whether a track may be the object that stood there under another id. One that began there may;
   * one that came from elsewhere is the next in the queue, unless ids have just been exchanged.
   */
  #mayTakeOver(place: Stand, { trackId }: SceneObject, { at, aspect, taken }: Frame): boolean {
    const origin = this.#origins.get(trackId);
    return (
      !place.isSettled ||
      taken.has(place) ||
      (origin !== undefined && place.standstill.isHere(origin.box, aspect)) ||
      (!place.isLeft && at - place.lastSeen <= TAKE_OVER_MS)
    );
  }

  #take(place: Stand, object: SceneObject, { taken, at }: Frame): void {
    if (!taken.has(place)) {
      taken.set(place, object);
      place.see(object, at);
    }
    place.trackIds.add(object.trackId);
    // One odd box of a standing object has begun a place of its own: it is back.
    this.#keep(
      (other) => other === place || other.isSettled || !other.trackIds.has(object.trackId),
    );
  }

  /** It is at no known place. What it had not settled at was on its way; what it had may be left. */
  #move(object: SceneObject, { at, taken }: Frame): void {
    this.#keep(
      (place) => taken.has(place) || place.isSettled || !place.trackIds.has(object.trackId),
    );
    for (const place of this.#places) {
      if (!place.trackIds.has(object.trackId)) {
        continue;
      }
      if (taken.has(place)) {
        place.trackIds.delete(object.trackId); // Its id went on to something else.
      } else {
        place.seeAway(at);
      }
    }
    const place = new Stand(this.#options.moveShare, object, at);
    this.#places.push(place);
    taken.set(place, object);
  }

  /** The others are told as left: somebody may have begun something about them. */
  #keep(isKept: (place: Stand) => boolean): void {
    this.#dropped.push(...this.#places.filter((place) => !isKept(place)));
    this.#places = this.#places.filter(isKept);
  }

  #leave(at: EpochMs): readonly Place[] {
    const left = this.#places.filter((place) => {
      const gapMs = place.isSettled
        ? this.#options.gapMs
        : Math.min(SETTLED_MS, this.#options.gapMs);
      const isAway = place.isLeft && at - (place.away?.since ?? at) >= AWAY_MS;
      return isAway || at - place.lastSeen - place.blindMs > gapMs;
    });
    this.#places = this.#places.filter((place) => !left.includes(place));
    return left;
  }
}

function isTwin(a: SceneObject, b: SceneObject): boolean {
  return iou(a.box, b.box) >= (a.label === b.label ? DOUBLE_OVERLAP : TWIN_OVERLAP);
}
