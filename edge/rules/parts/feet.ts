/**
 * Where an object stands on the ground, as steadily as its boxes allow: the middle of the lower
 * edge, except where something hides its legs. Then the lower edge jumps up while the upper one
 * stays, and the point is taken as far below the upper edge as the object was high before. A point
 * at the picture's border, where the rest of the object may be cut off, counts as just inside it.
 */
import { footPoint, type PointNorm } from "../../../protocol/index.ts";
import type { Trail } from "./trails.ts";

/** Lower than this share of its usual height, an object is cut, bent or lying. */
const CUT_SHARE = 0.82;
/** Weight of a new height in the usual one. */
const LEARN = 0.2;
const BORDER = 0.002;

interface Body {
  usualHeight: number;
  top: number;
  bottom: number;
  areLegsHidden: boolean;
}

export class Feet {
  readonly #bodies = new WeakMap<Trail, Body>();

  /** Of the trail's last sighting; call it once for each. */
  of(trail: Trail): PointNorm {
    const { box } = trail.last.object;
    const [x, bottom] = footPoint(box);
    const body = this.#bodies.get(trail) ?? {
      usualHeight: box.height,
      top: box.top,
      bottom,
      areLegsHidden: false,
    };
    this.#bodies.set(trail, body);
    if (box.height >= CUT_SHARE * body.usualHeight) {
      body.areLegsHidden = false;
    } else if (!body.areLegsHidden) {
      body.areLegsHidden = body.bottom - bottom > Math.abs(box.top - body.top);
    }
    if (!body.areLegsHidden) {
      body.usualHeight += LEARN * (box.height - body.usualHeight);
      body.bottom = bottom;
    }
    body.top = box.top;
    return [inside(x), inside(body.areLegsHidden ? box.top + body.usualHeight : bottom)];
  }
}

function inside(value: number): number {
  return Math.min(1 - BORDER, Math.max(BORDER, value));
}
