/** Runs a rule over scripted frames and keeps what it said, with the time at which it said it. */
import type { PictureState } from "../../../edge/gate/index.ts";
import type { AlarmSignal, Rule, Scene, SceneObject } from "../../../edge/rules/index.ts";
import type { BoxNorm } from "../../../protocol/index.ts";

export interface Step {
  readonly at: number;
  readonly signal: AlarmSignal;
}

export function judgeScenes(rule: Rule, frames: readonly Scene[]): Step[] {
  return frames.flatMap((scene) =>
    rule.evaluate(scene).map((signal) => ({ at: scene.at, signal })),
  );
}

export function watchPictures(rule: Rule, frames: readonly PictureState[]): Step[] {
  return frames.flatMap((picture) =>
    (rule.watch?.(picture) ?? []).map((signal) => ({ at: picture.at, signal })),
  );
}

export const kinds = (steps: readonly Step[]): string[] => steps.map(({ signal }) => signal.kind);

const USUAL: PictureState["quality"] = {
  brightness: 120,
  structure: 1,
  sharpness: 1,
  alignment: 1,
  frozenSince: undefined,
};

/** Frames of a picture in which nothing happens but what is said. */
export function pictures(
  fps: number,
  durationS: number,
  tell: (timeS: number) => Partial<Omit<PictureState, "at" | "quality">> & {
    readonly quality?: Partial<PictureState["quality"]>;
  },
): PictureState[] {
  return Array.from({ length: Math.round(fps * durationS) }, (_, frame) => {
    const { quality, ...rest } = tell(frame / fps);
    return {
      at: Math.round((frame * 1000) / fps),
      moving: [],
      changes: [],
      objects: [],
      ...rest,
      quality: { ...USUAL, ...quality },
    };
  });
}

/** A person whose foot point is (x, y); width ÷ height in pixels of a 16:9 picture is `shape`. */
export function bodyAt(
  x: number,
  y: number,
  { height = 0.2, shape = 0.4, trackId = 1, label = "person" } = {},
): SceneObject {
  const width = (height * shape * 9) / 16;
  return {
    trackId,
    label,
    score: 0.9,
    box: { left: x - width / 2, top: y - height, width, height },
    frames: 10,
  };
}

export function squareAt(x: number, y: number, side = 0.02): BoxNorm {
  return { left: x - side / 2, top: y - side / 2, width: side, height: side };
}
