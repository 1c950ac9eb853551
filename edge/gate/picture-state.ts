/**
 * What one frame's picture told besides its objects. Masked parts of the picture count nowhere.
 */
import type { BoxNorm, EpochMs } from "../../protocol/index.ts";

/**
 * A place that looks different from before and is at rest: something was put down, taken away or
 * broken, or somebody stands still there (compare with `objects`). It is told some three seconds
 * after the last motion in it, stays while something passes in front of it, and goes when the place looks
 * as before, after `forgetMs` (it is normal by then), and when the camera moves.
 *
 * Structure is compared, not brightness: exposure, clouds, lamps and most shadows are no changes.
 * What appears without any motion (a creeping shadow) is none, nor is what changes an eighth of the
 * picture and more at once. Not told apart from things: a thin shadow that comes in one moment.
 */
export interface PictureChange {
  /** The smallest thing told is about 20 × 20 pixels of a picture 640 wide, and differs by 30 levels. */
  readonly box: BoxNorm;
  /**
   * First frame since which the place has not been seen to look usual. Who went there, put something
   * down and left has hidden it before: then it is the frame in which they came, and where there is
   * always something going on it may be much too early.
   */
  readonly since: EpochMs;
}

/**
 * Figures about the picture as a whole. "Usual" is what the picture showed in the last minutes: it
 * follows slowly what changes slowly (dusk), and keeps what it knew when the picture changes at
 * once: a covered, dark or blurred picture never becomes usual, a view that looks elsewhere does so
 * after ten minutes. For the first ten seconds, and in a picture without edges, there is nothing to
 * compare with and all shares are 1.
 *
 * - covered: `structure` ≈ 0 (a hand or paint leaves below 0.2), `alignment` ≈ 0.
 * - moved: `structure` ≥ 0.5 and `alignment` below 0.4. By chance 0.1–0.25 of the edges agree; a
 *   turn by two degrees or a push by a fiftieth of the picture is the least that can be told.
 * - blurred: `sharpness` below 0.45 (a blur by 2 pixels of a picture 768 wide gives 0.35), and
 *   `structure` above 0.3. A third of the light gives 0.55.
 * - dark: `brightness` below 30, with `structure` ≈ 0 if it came at once.
 * - Vehicles and people hide edges: traffic that fills the picture takes both shares down to 0.5 and
 *   less for seconds, so nothing should be said before some seconds of it.
 */
export interface PictureQuality {
  /** Mean luma, 0–255; black is 16 in most streams. */
  readonly brightness: number;
  /** Edges wherever they are ÷ usual edges, 0–1. */
  readonly structure: number;
  /**
   * Sharpness of the edges ÷ its usual value: 1 when nothing changed, towards 0.2 out of focus, and
   * above 1 when it became sharper. 1 also when too few edges are left to tell.
   */
  readonly sharpness: number;
  /** Share of the usual edges that lie, with their direction, where they usually lie, 0–1. */
  readonly alignment: number;
  /**
   * Since when nothing came but pictures that had come before, noise included; told once that has
   * lasted a minute, and `undefined` until then, so it can be taken as it is. An encoder repeats the
   * picture of a still scene exactly, but only until its next keyframe, which brings new noise: every
   * 1–10 s, with some cameras a minute. `undefined` too in a picture without edges: black is black.
   */
  readonly frozenSince: EpochMs | undefined;
}

export interface PictureState {
  /** Capture time. */
  readonly at: EpochMs;
  /**
   * Where something moves in this frame. In the rectangle around the zones of rules about small
   * things: tight boxes around what is larger than one and a half steps and differs by 30 levels;
   * a step is what gives 40 000 of them in the rectangle. That is 3 pixels for half of 640 × 360, 5
   * for all of it, 6 for a quarter of 1920 × 1080, 12 for all of it. Elsewhere: the gate's regions;
   * it sees some 10 × 10 pixels of a picture 640 wide, and no region is narrower than a tenth of it.
   * Empty while light or the whole view changes.
   */
  readonly moving: readonly BoxNorm[];
  readonly changes: readonly PictureChange[];
  readonly quality: PictureQuality;
  /** What the tracker follows at this time, in picture fractions. */
  readonly objects: readonly BoxNorm[];
}
