/**
 * Who has been in a zone since when, told by the foot point. A stay goes on over short gaps and
 * over a break of the track's id; who leaves for longer and comes back starts afresh.
 */
import { isInsidePolygon, type EpochMs, type PolygonNorm } from "../../../protocol/index.ts";
import { passes, type ObjectFilter, type Scene, type SceneObject } from "../rule.ts";
import { Feet } from "./feet.ts";
import { Trails, type Trail } from "./trails.ts";

export interface StaysOptions {
  readonly filter: ObjectFilter;
  readonly zone: PolygonNorm;
  /** Unseen for no longer than this is not leaving. */
  readonly unseenMs: number;
  /** Seen outside for no longer than this is not leaving. */
  readonly outsideMs: number;
}

export interface Stay {
  /** First frame inside. */
  readonly since: EpochMs;
  /** It was seen nowhere before: hardly an entry, rather somebody who had been lost. */
  readonly isBornInside: boolean;
  readonly object: SceneObject;
}

interface MutableStay extends Stay {
  object: SceneObject;
  lastInside: EpochMs;
  lastSeen: EpochMs;
  insideFrames: number;
  frames: number;
}

export class Stays {
  readonly #options: StaysOptions;
  readonly #trails: Trails;
  readonly #feet = new Feet();
  readonly #stays = new Map<Trail, MutableStay>();
  readonly #known = new WeakSet<Trail>();

  constructor(options: StaysOptions) {
    this.#options = options;
    this.#trails = new Trails({ keepMs: 1000, gapMs: options.unseenMs });
  }

  /**
   * @returns the stays of those seen inside in this very frame who have been inside at least as
   * often as outside since they came: jitter at the zone's border is no stay. The same object over
   * the whole stay.
   */
  observe(scene: Scene): readonly Stay[] {
    const objects = scene.objects.filter((object) => passes(object, this.#options.filter));
    const stays: Stay[] = [];
    for (const trail of this.#trails.observe(scene, objects)) {
      const stay = this.#follow(trail, scene.at);
      if (stay?.lastInside === scene.at && 2 * stay.insideFrames >= stay.frames) {
        stays.push(stay);
      }
    }
    for (const [trail, stay] of this.#stays) {
      if (scene.at - stay.lastSeen > this.#options.unseenMs) {
        this.#stays.delete(trail);
      }
    }
    return stays;
  }

  #follow(trail: Trail, at: EpochMs): MutableStay | undefined {
    const { object } = trail.last;
    const { point, isRevealed } = this.#feet.of(trail);
    const isInside = isInsidePolygon(point, this.#options.zone);
    const isBornInside = isInside && !this.#known.has(trail);
    this.#known.add(trail);
    const stay = this.#stays.get(trail);
    if (stay === undefined) {
      if (!isInside) {
        return undefined;
      }
      return this.#begin(trail, at, isBornInside);
    }
    stay.object = object;
    stay.lastSeen = at;
    stay.frames++;
    if (isInside) {
      stay.lastInside = at;
      stay.insideFrames++;
    } else if (isRevealed || at - stay.lastInside > this.#options.outsideMs) {
      this.#stays.delete(trail);
    }
    return stay;
  }

  #begin(trail: Trail, at: EpochMs, isBornInside: boolean): MutableStay {
    const stay = {
      since: at,
      isBornInside,
      object: trail.last.object,
      lastInside: at,
      lastSeen: at,
      insideFrames: 1,
      frames: 1,
    };
    this.#stays.set(trail, stay);
    return stay;
  }
}
