/** What is compared: boxes with identities, frame by frame. All boxes in pixels. */
import type { BoxPx } from "../../../edge/track/index.ts";

/** Index 0 is the first frame. */
export type Frames<T> = readonly (readonly T[])[];

/** A track's box in one frame. An id occurs at most once in a frame. */
export interface ResultBox {
  readonly id: number;
  readonly box: BoxPx;
}

export interface TruthBox extends ResultBox {
  /**
   * `evaluated`: has to be found. `distractor`: somebody on a bicycle, a reflection, …; a result
   * that matches it is neither right nor wrong. `ignored`: need not be found; a result there is
   * wrong.
   */
  readonly role: "evaluated" | "distractor" | "ignored";
}
