/**
 * Who attends a thing: a person near it who stays, not one who walks past. Whoever is near when the
 * thing comes to stand attends it too, as the one who put it down, until he has gone away.
 */
import type { BoxNorm, EpochMs } from "../../../protocol/index.ts";
import type { Ground } from "../../ground/index.ts";
import type { SceneObject } from "../rule.ts";
import { pictureDistance, standPoint } from "./picture-space.ts";
import { SETTLED_MS } from "./standing-places.ts";
import { Standstill } from "./standstill.ts";

/** A person's box sways more than this only when he walks; a share of the box's size. */
const SWAY_SHARE = 0.5;
/** Unseen for longer, a person has gone; until then he is still the one who stood there. */
const UNSEEN_MS = 4000;
/** Who comes near within this time of the thing's coming to stand, has put it down. */
const PUT_DOWN_MS = 2000;
/** Pace of a slow walker: m/s, and heights of a person a second. */
const STROLL_MPS = 0.9;
const STROLL_HEIGHTS_PER_S = 0.5;

export interface AttendanceOptions {
  readonly ground: Ground | undefined;
  /** A person within this distance is near: metres where calibrated, … */
  readonly attendedM: number;
  /** … otherwise heights of that person. */
  readonly attendedHeights: number;
  /** Near for this long is staying near at any pace; a shorter time is taken where it tells. */
  readonly longestPassMs: number;
}

interface Person {
  readonly standstill: Standstill;
  object: SceneObject;
  lastSeen: EpochMs;
}

/** One thing's people. */
export interface Attendants {
  /** Track id → since when near it, and whether to be counted. */
  readonly near: Map<number, { readonly since: EpochMs; attends: boolean }>;
  /** Last frame with somebody who attends it. */
  lastAttended: EpochMs | undefined;
  /** Since when, without a longer break, somebody does. */
  attendedSince: EpochMs | undefined;
}

export function noAttendants(): Attendants {
  return { near: new Map(), lastAttended: undefined, attendedSince: undefined };
}

export class Attendance {
  readonly #options: AttendanceOptions;
  readonly #people = new Map<number, Person>();
  /** A slow walker who passes through the middle is near for so long. */
  readonly #passingMs: number;
  #aspect = 1;

  constructor(options: AttendanceOptions) {
    this.#options = options;
    const { ground, attendedM, attendedHeights, longestPassMs } = options;
    const diameterS =
      ground === undefined
        ? (2 * attendedHeights) / STROLL_HEIGHTS_PER_S
        : (2 * attendedM) / STROLL_MPS;
    this.#passingMs = Math.min(longestPassMs, 1000 * diameterS);
  }

  /** Takes the people of a frame. */
  observe(people: readonly SceneObject[], at: EpochMs, aspect: number): void {
    this.#aspect = aspect;
    for (const object of people) {
      const person = this.#people.get(object.trackId) ?? {
        standstill: new Standstill(SWAY_SHARE, object.box, at),
        object,
        lastSeen: at,
      };
      this.#people.set(object.trackId, person);
      person.object = object;
      person.lastSeen = at;
      if (person.standstill.isHere(object.box, aspect)) {
        person.standstill.stay(object.box, at);
      } else {
        person.standstill.restart(object.box, at);
      }
    }
    for (const [trackId, { lastSeen }] of this.#people) {
      if (at - lastSeen > UNSEEN_MS) {
        this.#people.delete(trackId);
      }
    }
  }

  /** Takes into account who is near a thing in this frame; call it after `observe`. */
  attend(attendants: Attendants, thing: BoxNorm, since: EpochMs, at: EpochMs): void {
    for (const trackId of attendants.near.keys()) {
      if (!this.#people.has(trackId)) {
        attendants.near.delete(trackId);
      }
    }
    for (const [trackId, person] of this.#people) {
      if (person.lastSeen !== at) {
        continue;
      }
      if (!this.#isNear(person.object, thing)) {
        attendants.near.delete(trackId);
        continue;
      }
      const visit = attendants.near.get(trackId) ?? {
        since: at,
        attends: at - since <= PUT_DOWN_MS,
      };
      attendants.near.set(trackId, visit);
      visit.attends ||=
        at - person.standstill.since >= SETTLED_MS || at - visit.since >= this.#passingMs;
      if (visit.attends) {
        noteAttended(attendants, visit.since, at);
      }
    }
  }

  #isNear({ box }: SceneObject, thing: BoxNorm): boolean {
    const { ground, attendedM, attendedHeights } = this.#options;
    const [foot, place] = [standPoint(box), standPoint(thing)];
    const [footM, placeM] = [ground?.toMetres(foot), ground?.toMetres(place)];
    return footM === undefined || placeM === undefined
      ? pictureDistance(foot, place, this.#aspect) <= attendedHeights * box.height
      : Math.hypot(footM[0] - placeM[0], footM[1] - placeM[1]) <= attendedM;
  }
}

/** Nobody looked until now: whoever attended it last is taken to have stayed. */
export function bridgeBlindTime(attendants: Attendants, blindMs: number, at: EpochMs): void {
  const { lastAttended } = attendants;
  if (lastAttended !== undefined && at - blindMs - lastAttended <= UNSEEN_MS) {
    attendants.lastAttended = at;
  }
}

/** Who turns out to stay has attended it since he came. */
function noteAttended(attendants: Attendants, since: EpochMs, at: EpochMs): void {
  const { lastAttended, attendedSince } = attendants;
  const goesOn = lastAttended !== undefined && at - lastAttended <= UNSEEN_MS;
  attendants.attendedSince = goesOn ? Math.min(attendedSince ?? since, since) : since;
  attendants.lastAttended = at;
}
