/** Which cameras' scenes the brain has not been told as they are now. */
import type { CameraScene } from "../../protocol/index.ts";

/** One question to the brain carries no more than this: its door takes a megabyte. */
const MAX_CHARS = 200_000;

export class SceneTeller {
  readonly #scenes: () => readonly CameraScene[];
  /** Camera → the scene as it was told. */
  readonly #told = new Map<string, string>();

  constructor(scenes: () => readonly CameraScene[]) {
    this.#scenes = scenes;
  }

  /** At least one where there is one; `more` where some have to wait for the next question. */
  untold(): { readonly scenes: CameraScene[]; readonly more: boolean } {
    const scenes: CameraScene[] = [];
    let chars = 0;
    for (const scene of this.#scenes()) {
      const text = JSON.stringify(scene);
      if (this.#told.get(scene.camera) === text) {
        continue;
      }
      chars += text.length;
      if (scenes.length > 0 && chars > MAX_CHARS) {
        return { scenes, more: true };
      }
      scenes.push(scene);
    }
    return { scenes, more: false };
  }

  /** The brain has them. */
  note(scenes: readonly CameraScene[]): void {
    for (const scene of scenes) {
      this.#told.set(scene.camera, JSON.stringify(scene));
    }
  }

  /** The brain was away, and may be another one now. */
  forget(): void {
    this.#told.clear();
  }
}
