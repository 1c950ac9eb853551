/**
 * Who is in a zone, told by the point where each object stands. Missed detections, jitter at the
 * border and a track that breaks do not change the number.
 */
import type { EpochMs, PolygonNorm } from "../../../protocol/index.ts";
import type { SceneObject } from "../rule.ts";
import { pictureDistance, standPoint, standsIn } from "./picture-space.ts";

/** Unseen for longer, it has left. At 2.5 frames a second this is three detections missed in a row. */
const UNSEEN_MS = 1500;
/** A new track begins this near to where one stopped being seen: it is the same object. */
const SAME_HEIGHTS = 0.75;

export interface Member {
  readonly object: SceneObject;
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
        this.#members.set(object.trackId, { object, lastSeen: at });
      }
    }
    for (const [trackId, member] of this.#members) {
      if (at - member.lastSeen > UNSEEN_MS) {
        this.#members.delete(trackId);
      }
    }
    for (const object of newcomers) {
      this.#succeed(object, at, aspect);
      this.#members.set(object.trackId, { object, lastSeen: at });
    }
    return [...this.#members.values()];
  }

  /** The nearest unseen member of the class, if near enough, is the newcomer under its old id. */
  #succeed(newcomer: SceneObject, at: EpochMs, aspect: number): void {
    const point = standPoint(newcomer.box);
    let best = SAME_HEIGHTS * newcomer.box.height;
    let oldId: number | undefined;
    for (const [trackId, { object, lastSeen }] of this.#members) {
      const distance = pictureDistance(point, standPoint(object.box), aspect);
      if (lastSeen < at && object.label === newcomer.label && distance < best) {
        best = distance;
        oldId = trackId;
      }
    }
    if (oldId !== undefined) {
      this.#members.delete(oldId);
    }
  }
}
