/**
 * Which lasting changes of the picture are things that were left behind. A change is explained by
 * what is followed there, by what stood there until lately and is only not seen just now, and by
 * what stood there so long that its absence looks like a change.
 */
import { iou, sharedArea, type BoxNorm, type EpochMs } from "../../../protocol/index.ts";
import type { PictureChange, PictureState } from "../../gate/index.ts";
import type { SceneObject } from "../rule.ts";
import { StandingPlaces } from "./standing-places.ts";

/** Share of a change that an object covers when the change is (a part of) the object or its shadow. */
const COVERED_SHARE = 0.3;
/** Boxes are grown by this share on each side: a change reaches a little beyond what caused it. */
const MARGIN = 0.1;
/** A change of the place and shape of an object that stood there is that object, or its absence. */
const SAME_SHAPE = 0.4;
const STAND_SHARE = 0.25;
/** Missed for no longer than this, a standing object is as good as followed. */
const MISSED_MS = 3000;
/** How long what stood there may go undetected, and how long its place is remembered afterwards. */
const HIDDEN_MS = 60_000;
const GHOST_MS = 60_000;
const MAX_GHOSTS = 128;

export class ChangedPlaces {
  readonly #others = new StandingPlaces({ moveShare: STAND_SHARE, gapMs: HIDDEN_MS });
  #ghosts: { readonly box: BoxNorm; until: EpochMs }[] = [];

  /** Takes what is followed and is no thing that may be left behind. */
  observe(others: readonly SceneObject[], at: EpochMs, aspect: number): void {
    for (const place of this.#others.observe(others, at, aspect)) {
      this.remember(place.box, at);
    }
  }

  /** Something stood here and has gone. */
  remember(box: BoxNorm, at: EpochMs): void {
    this.#ghosts.push({ box, until: at + GHOST_MS });
    this.#ghosts = this.#ghosts.slice(-MAX_GHOSTS);
  }

  /** Whether a change of this picture comes of what is followed, or was until lately. */
  isExplained({ box }: PictureChange, { at, objects }: PictureState): boolean {
    const standing = this.#others.places;
    const missed = standing.filter(({ lastSeen }) => at - lastSeen <= MISSED_MS);
    return (
      this.#isGhost(box, at) ||
      standing.some((place) => iou(place.box, box) >= SAME_SHAPE) ||
      [...objects, ...missed.map((place) => place.box)].some(
        (object) => coveredShare(box, grow(object)) >= COVERED_SHARE,
      )
    );
  }

  #isGhost(box: BoxNorm, at: EpochMs): boolean {
    this.#ghosts = this.#ghosts.filter((ghost) => at < ghost.until);
    const found = this.#ghosts.filter((ghost) => iou(ghost.box, box) >= SAME_SHAPE);
    for (const ghost of found) {
      ghost.until = at + GHOST_MS;
    }
    return found.length > 0;
  }
}

function coveredShare(box: BoxNorm, by: BoxNorm): number {
  const area = box.width * box.height;
  return area === 0 ? 1 : sharedArea(box, by) / area;
}

function grow({ left, top, width, height }: BoxNorm): BoxNorm {
  return {
    left: left - MARGIN * width,
    top: top - MARGIN * height,
    width: width * (1 + 2 * MARGIN),
    height: height * (1 + 2 * MARGIN),
  };
}
