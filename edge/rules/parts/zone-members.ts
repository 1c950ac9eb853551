/**
 * Who is in a zone, told by the point where each object stands. Missed detections, jitter at the
 * border and a track that breaks do not change the number.
 */
import type { EpochMs, PolygonNorm } from "../../../protocol/index.ts";
import type { SceneObject } from "../rule.ts";
import { pictureDistance, standPoint, standsIn } from "./picture-space.ts";

/** Unseen for longer, it has left. At 2.5 frames a second this is three detections missed in a row. */
const UNSEEN_MS = 1500;
/** Seen for less, it may be a false detection; at 2.5 frames a second this is two in a row. */
const PROOF_MS = 400;
/** A new track begins this near to where one stopped being seen: it is the same object. */
const SAME_HEIGHTS = 0.75;

export interface Member {
  readonly object: SceneObject;
  /** First and last sight in the zone, over breaks of its track. */
  readonly since: EpochMs;
  readonly lastSeen: EpochMs;
}

export class ZoneMembers {
  readonly #zone: PolygonNorm;
  readonly #members = new Map<number, Member>();

  constructor(zone: PolygonNorm) {
    this.#zone = zone;
  }

  /** Takes those objects of a frame that count; gives all that are in the zone now. */
  observe(objects: readonly SceneObject[], at: EpochMs, aspect: number): readonly Member[] {
    const newcomers: SceneObject[] = [];
    for (const object of objects) {
      const member = this.#members.get(object.trackId);
      if (!standsIn(this.#zone, object.box, member !== undefined, aspect)) {
        this.#members.delete(object.trackId);
      } else if (member === undefined) {
        newcomers.push(object);
      } else {
        this.#members.set(object.trackId, { object, since: member.since, lastSeen: at });
      }
    }
    for (const [trackId, member] of this.#members) {
      if (at - member.lastSeen > UNSEEN_MS) {
        this.#members.delete(trackId);
      }
    }
    for (const object of newcomers) {
      const since = this.#succeed(object, at, aspect)?.since ?? at;
      this.#members.set(object.trackId, { object, since, lastSeen: at });
    }
    return [...this.#members.values()].filter((one) => one.lastSeen - one.since >= PROOF_MS);
  }

  /** Takes out the nearest unseen member of the class: the newcomer under its old id. */
  #succeed(newcomer: SceneObject, at: EpochMs, aspect: number): Member | undefined {
    const point = standPoint(newcomer.box);
    let nearest = SAME_HEIGHTS * newcomer.box.height;
    let found: Member | undefined;
    for (const member of this.#members.values()) {
      const { object, lastSeen } = member;
      const distance = pictureDistance(point, standPoint(object.box), aspect);
      if (lastSeen < at && object.label === newcomer.label && distance < nearest) {
        nearest = distance;
        found = member;
      }
    }
    if (found !== undefined) {
      this.#members.delete(found.object.trackId);
    }
    return found;
  }
}
