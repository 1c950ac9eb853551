/**
 * Objects that cross a line, told by the foot point. An object is on one side when it is farther
 * from the line than the margin and than its box's jitter; it has crossed when it is on the other
 * side in two sightings, or in one after which it is seen no more, and its way led between the
 * line's ends. A break of the track's id is no break of the way.
 */
import {
  segmentsCross,
  sideOfLine,
  type EpochMs,
  type PointNorm,
} from "../../../protocol/index.ts";
import { passes, type ObjectFilter, type Scene, type SceneObject } from "../rule.ts";
import { Feet } from "./feet.ts";
import { Trails, type Trail } from "./trails.ts";

export interface PassagesConfig extends ObjectFilter {
  readonly line: readonly [PointNorm, PointNorm];
  /** Picture fractions. */
  readonly margin: number;
}

export interface Passage {
  /** The same for every passage of one object. */
  readonly passer: object;
  readonly object: SceneObject;
  /** First frame beyond the line. */
  readonly onset: EpochMs;
  /** To which side, looking from the line's first end to its second. */
  readonly to: "left" | "right";
}

type Side = -1 | 1;

interface Passer {
  readonly identity: object;
  /** Last point that was clearly on one side: −1 left, 1 right. */
  clear: { readonly point: PointNorm; readonly side: Side } | undefined;
  /** Since when it has been on the other side than that, by however little. */
  beyondSince: EpochMs | undefined;
  /** Seen once on the other side. */
  pending:
    | { readonly passage: Passage; readonly point: PointNorm; readonly side: Side }
    | undefined;
  lastSeen: EpochMs;
}

/** An object unseen for longer is forgotten; its next sight starts afresh. */
const FORGET_MS = 3000;
/** Unseen for longer than two misses at 2.5 looks a second. */
const VANISHED_MS = 1300;
/** Boxes jitter by some per cent of their height, and the foot point with them. */
const JITTER_HEIGHTS = 0.07;

export class Passages {
  readonly #config: PassagesConfig;
  readonly #lengthNorm: number;
  readonly #trails = new Trails({ keepMs: 1000, gapMs: FORGET_MS });
  readonly #feet = new Feet();
  readonly #passers = new Map<Trail, Passer>();

  constructor(config: PassagesConfig) {
    this.#config = config;
    const [a, b] = config.line;
    this.#lengthNorm = Math.hypot(b[0] - a[0], b[1] - a[1]);
  }

  /** @returns passages that this scene completed, in the order of their onsets. */
  observe(scene: Scene): readonly Passage[] {
    const objects = scene.objects.filter((object) => passes(object, this.#config));
    const passages = this.#trails
      .observe(scene, objects)
      .map((trail) => this.#follow(trail, scene.at));
    for (const [trail, passer] of this.#passers) {
      passages.push(this.#settle(trail, passer, scene.at));
    }
    return passages
      .filter((passage) => passage !== undefined)
      .sort((one, other) => one.onset - other.onset);
  }

  #follow(trail: Trail, at: EpochMs): Passage | undefined {
    const { object } = trail.last;
    const { point, isRevealed } = this.#feet.of(trail);
    const passer = this.#passers.get(trail) ?? newPasser(at);
    this.#passers.set(trail, passer);
    passer.lastSeen = at;
    if (isRevealed) {
      passer.clear = undefined;
      passer.pending = undefined;
    }
    const distance = this.#distanceTo(point);
    const { clear, pending } = passer;
    if (clear === undefined || distance * clear.side >= 0) {
      passer.beyondSince = undefined;
    } else {
      passer.beyondSince ??= at;
    }
    const jitter = JITTER_HEIGHTS * object.box.height;
    if (Math.abs(distance) <= Math.max(this.#config.margin, jitter)) {
      return undefined;
    }
    const side = distance > 0 ? 1 : -1;
    if (pending !== undefined) {
      passer.pending = undefined;
      if (side === pending.side) {
        passer.clear = { point, side };
        passer.beyondSince = undefined;
        return { ...pending.passage, object };
      }
    }
    if (clear !== undefined && clear.side !== side && this.#isBetweenEnds(clear.point, point)) {
      const to = side === 1 ? "right" : "left";
      const onset = passer.beyondSince ?? at;
      passer.pending = { point, side, passage: { passer: passer.identity, object, onset, to } };
      return undefined;
    }
    passer.clear = { point, side };
    passer.beyondSince = undefined;
    return undefined;
  }

  /** Who was seen once beyond the line, and then no more, has crossed it. */
  #settle(trail: Trail, passer: Passer, at: EpochMs): Passage | undefined {
    const unseenMs = at - passer.lastSeen;
    if (unseenMs > FORGET_MS) {
      this.#passers.delete(trail);
    }
    const { pending } = passer;
    if (pending === undefined || unseenMs <= VANISHED_MS) {
      return undefined;
    }
    passer.pending = undefined;
    passer.beyondSince = undefined;
    passer.clear = { point: pending.point, side: pending.side };
    return pending.passage;
  }

  #isBetweenEnds(from: PointNorm, to: PointNorm): boolean {
    const [a, b] = this.#config.line;
    return segmentsCross(a, b, from, to);
  }

  /** From the endless line; positive to the right of the first→second direction. */
  #distanceTo(point: PointNorm): number {
    const [a, b] = this.#config.line;
    return this.#lengthNorm === 0 ? 0 : sideOfLine(a, b, point) / this.#lengthNorm;
  }
}

function newPasser(at: EpochMs): Passer {
  return {
    identity: {},
    clear: undefined,
    beyondSince: undefined,
    pending: undefined,
    lastSeen: at,
  };
}
