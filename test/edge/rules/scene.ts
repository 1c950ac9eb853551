import type { Scene, SceneObject } from "../../../edge/rules/index.ts";

/** A person of a tenth of the picture's height whose foot point is (x, y). */
export function personAt(x: number, y: number, trackId = 1, score = 0.9): SceneObject {
  return {
    trackId,
    label: "person",
    score,
    box: { left: x - 0.02, top: y - 0.1, width: 0.04, height: 0.1 },
    frames: 10,
  };
}

export function scenes(
  fps: number,
  durationS: number,
  objectsAt: (timeS: number) => readonly SceneObject[],
): Scene[] {
  return Array.from({ length: Math.round(fps * durationS) }, (_, frame) => ({
    at: Math.round((frame * 1000) / fps),
    aspect: 16 / 9,
    objects: objectsAt(frame / fps),
  }));
}
