/** What every rule takes and gives. Rules are pure: frames in, signals out, no clock of their own. */
import type { BoxNorm, EpochMs } from "../../protocol/index.ts";
import type { PictureState } from "../gate/index.ts";
import type { Ground } from "../ground/index.ts";

/** A confirmed track as a rule sees it, in picture fractions. */
export interface SceneObject {
  readonly trackId: number;
  readonly label: string;
  readonly score: number;
  readonly box: BoxNorm;
  /** Frames in which it was seen so far. */
  readonly frames: number;
}

/** What was seen in one analysed frame: only objects seen in this very frame. */
export interface Scene {
  /** Capture time of the frame. */
  readonly at: EpochMs;
  /** Width ÷ height of the picture: what makes fractions of both comparable. */
  readonly aspect: number;
  readonly objects: readonly SceneObject[];
}

/**
 * What an alarm is about, for the operator and the brain. An object of a track where there is one;
 * a place (`box`) where only the picture told; nothing where it is the whole picture.
 */
export interface AlarmSubject {
  readonly label?: string;
  readonly score?: number;
  readonly box?: BoxNorm;
  readonly trackId?: number;
  readonly frames?: number;
}

/** Named figures of an alarm with their unit in the name: `count`, `dwellS`, `speedMps` … */
export type Measures = Readonly<Record<string, number>>;

/**
 * A step of one alarm. `key` is the same for all steps of an alarm and never used again by the
 * same rule. `begin` carries the object that completed it.
 */
export type AlarmSignal =
  | {
      readonly kind: "begin";
      readonly key: number;
      /** First frame of the cause. */
      readonly onset: EpochMs;
      readonly object?: AlarmSubject;
      readonly measures?: Measures;
    }
  | {
      readonly kind: "update";
      readonly key: number;
      readonly object?: AlarmSubject;
      readonly measures?: Measures;
    }
  | {
      readonly kind: "end";
      readonly key: number;
      /** Last frame of the cause. */
      readonly endedAt: EpochMs;
    };

/** What a rule may know beyond its own configuration. */
export interface RuleSurroundings {
  /** Of a calibrated camera: picture → metres. */
  readonly ground?: Ground | undefined;
}

export interface Rule {
  /** Takes the scenes of one camera in the order of their time. */
  evaluate(scene: Scene): readonly AlarmSignal[];
  /**
   * Takes what the picture itself told, in every frame that came from the camera, analysed or not,
   * in the order of their time. Only rules about the picture have it.
   */
  watch?(picture: PictureState): readonly AlarmSignal[];
  /** No frame has come since `lastFrameAt`; called about once a second meanwhile. */
  miss?(at: EpochMs, lastFrameAt: EpochMs): readonly AlarmSignal[];
  /** Running figures for the metrics page, where a rule has some. */
  counts?(): Measures;
  /** The alarms under way end now: the schedule is over. */
  end?(at: EpochMs): readonly AlarmSignal[];
}

export interface ObjectFilter {
  readonly classes: readonly string[];
  readonly minScore: number;
  readonly minHeight: number;
  readonly maxHeight: number;
}

export function passes(object: SceneObject, filter: ObjectFilter): boolean {
  return (
    filter.classes.includes(object.label) &&
    object.score >= filter.minScore &&
    object.box.height >= filter.minHeight &&
    object.box.height <= filter.maxHeight
  );
}
