/** What every rule takes and gives. Rules are pure: frames in, signals out, no clock of their own. */
import type { BoxNorm, EpochMs } from "../../protocol/index.ts";

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
  readonly objects: readonly SceneObject[];
}

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
      readonly object: SceneObject;
    }
  | {
      readonly kind: "update";
      readonly key: number;
      readonly object: SceneObject;
    }
  | {
      readonly kind: "end";
      readonly key: number;
      /** Last frame of the cause. */
      readonly endedAt: EpochMs;
    };

export interface Rule {
  /** Takes the scenes of one camera in the order of their time. */
  evaluate(scene: Scene): readonly AlarmSignal[];
}

export interface ObjectFilter {
  readonly classes: readonly string[];
  readonly minScore: number;
  readonly minHeight: number;
}

export function passes(object: SceneObject, filter: ObjectFilter): boolean {
  return (
    filter.classes.includes(object.label) &&
    object.score >= filter.minScore &&
    object.box.height >= filter.minHeight
  );
}
