/** What looking at parts of a picture does to the detections: cut boxes, and one object seen twice. */
import { iou, sharedArea, type BoxNorm } from "../../protocol/index.ts";
import type { Detection } from "../../models/index.ts";

/** A box whose side lies this near to the region's own, in region sizes, goes on beyond it. */
const EDGE = 0.01;
/** Boxes of one class that overlap more are one object that two regions share. */
const SAME_OBJECT = 0.55;

export interface LookedAt {
  /** Whole objects, best first. */
  readonly detections: Detection[];
  /** Cut by a region's border inside the picture: something is there, its extent is unknown. */
  readonly clipped: Detection[];
}

/** @param found per region what was found in it, in fractions of the whole picture. */
export function joinRegions(
  found: readonly { readonly region: BoxNorm; readonly detections: readonly Detection[] }[],
): LookedAt {
  const whole: Detection[] = [];
  const clipped: Detection[] = [];
  for (const { region, detections } of found) {
    for (const detection of detections) {
      (isCut(detection.box, region) ? clipped : whole).push(detection);
    }
  }
  const detections: Detection[] = [];
  for (const one of whole.sort((a, b) => b.score - a.score)) {
    if (!detections.some((kept) => kept.label === one.label && isSame(kept.box, one.box))) {
      detections.push(one);
    }
  }
  return {
    detections,
    clipped: clipped.filter((one) => !detections.some((kept) => covers(kept.box, one.box))),
  };
}

function isSame(a: BoxNorm, b: BoxNorm): boolean {
  return iou(a, b) > SAME_OBJECT;
}

/** The cut box is a part of one that another region shows whole. */
function covers(whole: BoxNorm, part: BoxNorm): boolean {
  return sharedArea(whole, part) >= 0.8 * part.width * part.height;
}

/** Only borders inside the picture cut; at the picture's own border there is nothing more. */
function isCut(box: BoxNorm, region: BoxNorm): boolean {
  const marginX = EDGE * region.width;
  const marginY = EDGE * region.height;
  const right = region.left + region.width;
  const bottom = region.top + region.height;
  return (
    (region.left > EDGE && box.left <= region.left + marginX) ||
    (region.top > EDGE && box.top <= region.top + marginY) ||
    (right < 1 - EDGE && box.left + box.width >= right - marginX) ||
    (bottom < 1 - EDGE && box.top + box.height >= bottom - marginY)
  );
}
