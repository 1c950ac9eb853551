/**
 * Tells frames in which something moves from frames in which nothing does, on the luma plane
 * scaled down to about 170 pixels, so that the detector looks only where and when it is worth it.
 * It errs towards motion: a false alarm costs one look, a missed mover an event.
 *
 * Pure and by time, not by frames: any frame rate, and a changing one, gives the same verdicts.
 */
import {
  isInsidePolygon,
  PermanentError,
  type BoxNorm,
  type EpochMs,
  type PolygonNorm,
} from "../../protocol/index.ts";
import { Background, type BackgroundOptions } from "./background.kernel.ts";
import { ExposureMeter, type Exposure } from "./exposure.kernel.ts";
import { createSmallPicture, shrinkLuma, type SmallPicture } from "./luma.kernel.ts";
import { CellGrid } from "./regions.ts";

export interface GateVerdict {
  readonly kind: "calibrating" | "still" | "motion" | "lighting" | "camera-moved";
  /** Disjoint, in fractions of the frame; empty but for "motion". */
  readonly regions: readonly BoxNorm[];
}

/** What the gate saw in the last frame; the arrays are its own and change with the next. */
export interface GateSight {
  readonly small: SmallPicture;
  /** By pixel of `small`, 0 where masked. */
  readonly watched: Uint8Array;
  /** Changed pixels by cell of 8 × 8 pixels of `small`, row by row; void while calibrating. */
  readonly changed: Uint16Array;
  /** 1 where that is enough to be motion; void while light or view change. */
  readonly active: Uint8Array;
  readonly columns: number;
}

export interface GateOptions extends BackgroundOptions {
  /** After the start and after a change of the frame's size, ms. */
  readonly calibrateMs: number;
  /** The small picture's width is the nearest to this that an integer step gives. */
  readonly smallWidth: number;
}

export const GATE_DEFAULTS: GateOptions = {
  calibrateMs: 1500,
  smallWidth: 176,
  minContrast: 9,
  noiseFactor: 4,
  standMs: 3000,
  absorbMs: 12_000,
};

/** A calibration takes at least so many frames, however slowly they come. */
const MIN_CALIBRATION_FRAMES = 3;
/** Active cells, from which the change may be one of the whole picture. */
const WHOLE_SHARE = 0.6;
const MAYBE_SHARE = 0.3;
/** Edges that agree less are other edges: the camera looks elsewhere. */
const SAME_EDGES = 0.5;
/** After a change of light or view, ms. */
const RELEARN_MS = 1000;
/** A longer gap between frames counts as this, ms. */
const MAX_DT_MS = 1000;

const NONE: readonly BoxNorm[] = [];
const CALIBRATING: GateVerdict = { kind: "calibrating", regions: NONE };
const STILL: GateVerdict = { kind: "still", regions: NONE };
const LIGHTING: GateVerdict = { kind: "lighting", regions: NONE };
const CAMERA_MOVED: GateVerdict = { kind: "camera-moved", regions: NONE };

/** What is made anew for every frame size. */
interface Scene {
  readonly small: SmallPicture;
  readonly background: Background;
  readonly grid: CellGrid;
  readonly meter: ExposureMeter;
  readonly sight: GateSight;
  readonly startedAt: EpochMs;
  frames: number;
  lastAt: EpochMs;
  relearnUntil: EpochMs;
}

export class MotionGate {
  private readonly options: GateOptions;
  private readonly masks: readonly PolygonNorm[];
  private scene: Scene | undefined;

  constructor(options: Partial<GateOptions> & { readonly masks?: readonly PolygonNorm[] } = {}) {
    const { masks, ...rest } = options;
    this.masks = masks ?? [];
    this.options = { ...GATE_DEFAULTS, ...rest };
  }

  /**
   * `luma`: width × height bytes row by row, more may follow (an I420 frame); it is only read.
   * Throws PermanentError when there are fewer.
   */
  look(luma: Uint8Array, width: number, height: number, at: EpochMs): GateVerdict {
    if (width < 1 || height < 1 || luma.length < width * height) {
      throw new PermanentError("SOURCE_UNREADABLE", "The frame is too short for its size", {
        where: "gate",
        expected: `at least 1 × 1 pixels, a byte each, for ${width} × ${height}`,
        got: `${luma.length} bytes`,
      });
    }
    let scene = this.scene;
    if (scene?.small.frameWidth !== width || scene.small.frameHeight !== height) {
      scene = this.createScene(width, height, at);
      this.scene = scene;
    }
    const { small, background } = scene;
    shrinkLuma(luma, small);
    const dtMs = Math.min(MAX_DT_MS, Math.max(0, at - scene.lastAt));
    scene.lastAt = at;
    scene.frames++;
    if (at - scene.startedAt < this.options.calibrateMs || scene.frames <= MIN_CALIBRATION_FRAMES) {
      background.calibrate(small.pixels, scene.frames);
      return CALIBRATING;
    }
    const exposure = scene.meter.measure(small.pixels, background);
    background.compare(small.pixels, exposure, dtMs, at < scene.relearnUntil);
    return judge(scene, exposure, at);
  }

  /** Of the last frame; `undefined` before the first. The same object for every frame of one size. */
  get sight(): GateSight | undefined {
    return this.scene?.sight;
  }

  private createScene(width: number, height: number, at: EpochMs): Scene {
    const small = createSmallPicture(width, height, this.options.smallWidth);
    const watched = watchedPixels(small, this.masks);
    const background = new Background(small.width, small.height, watched, this.options);
    const { changed, columns } = background;
    const grid = new CellGrid(background);
    return {
      small,
      background,
      sight: { small, watched, changed, active: grid.active, columns },
      grid,
      meter: new ExposureMeter(),
      startedAt: at,
      frames: 0,
      lastAt: at,
      relearnUntil: at,
    };
  }
}

function judge(scene: Scene, exposure: Readonly<Exposure>, at: EpochMs): GateVerdict {
  const { background, grid, small } = scene;
  const share = grid.mark(background.changed);
  const { jumped } = exposure;
  if (jumped || share >= MAYBE_SHARE) {
    const { likeness, structureChanged } = background.compareEdges(small.pixels, grid.active);
    const elsewhere = share >= MAYBE_SHARE && likeness < SAME_EDGES;
    if (elsewhere && (share >= WHOLE_SHARE || structureChanged >= WHOLE_SHARE)) {
      background.replace(small.pixels);
      scene.relearnUntil = at + RELEARN_MS;
      return CAMERA_MOVED;
    }
    if (jumped || share >= WHOLE_SHARE) {
      if (share >= MAYBE_SHARE) {
        background.replace(small.pixels); // Else the exposure explains it, and movers stay seen.
      }
      scene.relearnUntil = at + RELEARN_MS;
      return LIGHTING;
    }
  }
  return share === 0 ? STILL : { kind: "motion", regions: grid.regions(small) };
}

function watchedPixels(small: SmallPicture, masks: readonly PolygonNorm[]): Uint8Array {
  const { width, height, step, frameWidth, frameHeight } = small;
  const watched = new Uint8Array(width * height).fill(1);
  if (masks.length === 0) {
    return watched;
  }
  for (let i = 0; i < watched.length; i++) {
    const x = (((i % width) + 0.5) * step) / frameWidth;
    const y = ((Math.floor(i / width) + 0.5) * step) / frameHeight;
    if (masks.some((mask) => isInsidePolygon([x, y], mask))) {
      watched[i] = 0;
    }
  }
  return watched;
}
