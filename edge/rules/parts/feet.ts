/**
 * Where an object stands on the ground, as steadily as its boxes allow: the middle of the lower
 * edge, except where something hides its legs. Then the lower edge jumps up while the upper one
 * stays, and the point is taken as far below the upper edge as the object was high before. A point
 * at the picture's border, where the rest of the object may be cut off, counts as just inside it.
 */
import { footPoint, type BoxNorm, type PointNorm } from "../../../protocol/index.ts";
import type { Trail } from "./trails.ts";

export interface Foothold {
  readonly point: PointNorm;
  /** The legs come into sight for the first time: all points so far were too far away. */
  readonly isRevealed: boolean;
}

/** A box that gets this much lower or higher at once does not show all of the object. */
const CUT_SHARE = 0.75;
const REVEALED_SHARE = 1.4;
/** Coming nearer moves the head too; what hides the legs does not. */
const EDGE_RATIO = 2;
/** Weight of a new height in the usual one. */
const LEARN = 0.5;
const BORDER = 0.002;

interface Body {
  usualHeight: number;
  /** Edges of the last box, the lower one of the last that showed the legs. */
  top: number;
  bottom: number;
  areLegsHidden: boolean;
}

export class Feet {
  readonly #bodies = new WeakMap<Trail, Body>();

  /** Of the trail's last sighting; call it once for each. */
  of(trail: Trail): Foothold {
    const { box } = trail.last.object;
    const [x, bottom] = footPoint(box);
    const body = this.#bodies.get(trail);
    if (body === undefined) {
      this.#bodies.set(trail, newBody(box));
      return { point: [inside(x), inside(bottom)], isRevealed: false };
    }
    const growth = box.height / body.usualHeight;
    const rise = body.bottom - bottom;
    const headMove = EDGE_RATIO * Math.abs(box.top - body.top);
    const isRevealed = !body.areLegsHidden && growth > REVEALED_SHARE && -rise > headMove;
    if (isRevealed) {
      Object.assign(body, newBody(box));
    } else if (growth >= CUT_SHARE) {
      body.areLegsHidden = false;
    } else if (!body.areLegsHidden) {
      body.areLegsHidden = rise > headMove;
    }
    if (!body.areLegsHidden) {
      body.usualHeight += LEARN * (box.height - body.usualHeight);
      body.bottom = bottom;
    }
    body.top = box.top;
    const foot = body.areLegsHidden ? box.top + body.usualHeight : bottom;
    return { point: [inside(x), inside(foot)], isRevealed };
  }
}

function newBody({ top, height }: BoxNorm): Body {
  return { usualHeight: height, top, bottom: top + height, areLegsHidden: false };
}

function inside(value: number): number {
  return Math.min(1 - BORDER, Math.max(BORDER, value));
}
