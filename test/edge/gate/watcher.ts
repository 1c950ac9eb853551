/** A gate and a picture watch that look at one synthetic street together. */
import { MotionGate, PictureWatch, type PictureState } from "../../../edge/gate/index.ts";
import type { PictureWatchOptions } from "../../../edge/gate/index.ts";
import type { BoxNorm } from "../../../protocol/index.ts";
import { HEIGHT, Street, WIDTH, type Scene } from "./scene.ts";

/** What is done to a frame after it is rendered. */
export type Edit = (luma: Uint8Array, timeS: number) => void;

export interface Shot extends Scene {
  readonly edit?: Edit;
  /** What a tracker would follow. */
  readonly objects?: readonly BoxNorm[];
}

export class Watcher {
  readonly #street: Street;
  readonly #gate: MotionGate;
  readonly #watch: PictureWatch;
  #timeS = 0;

  constructor(options: PictureWatchOptions = {}, noise = 6) {
    this.#street = new Street(noise);
    this.#gate = new MotionGate(options.masks === undefined ? {} : { masks: options.masks });
    this.#watch = new PictureWatch(options);
  }

  /** Goes on for `seconds` and gives the state of every frame. */
  play(seconds: number, shotAt: (timeS: number) => Shot = () => ({}), fps = 5): PictureState[] {
    const states: PictureState[] = [];
    const frames = Math.round(seconds * fps);
    for (let n = 0; n < frames; n++) {
      const shot = shotAt(n / fps);
      const luma = this.#street.frame(shot);
      shot.edit?.(luma, n / fps);
      states.push(this.show(luma, this.#timeS + n / fps, shot.objects));
    }
    this.#timeS += seconds;
    return states;
  }

  show(luma: Uint8Array, timeS: number, objects: readonly BoxNorm[] = []): PictureState {
    const at = timeS * 1000;
    const verdict = this.#gate.look(luma, WIDTH, HEIGHT, at);
    const { sight } = this.#gate;
    if (sight === undefined) {
      throw new Error("the gate has looked and saw nothing");
    }
    return this.#watch.look(luma, verdict, sight, objects, at);
  }
}

/** Multiplies a box by `gain`, with a border that is `softPx` wide. */
export function shade({ left, top, width, height }: BoxNorm, gain: number, softPx = 1): Edit {
  return (luma) => {
    const columns = Array.from({ length: WIDTH }, (_, x) =>
      depth(x, left * WIDTH, (left + width) * WIDTH, softPx),
    );
    for (let y = Math.max(0, Math.floor(top * HEIGHT)); y < HEIGHT; y++) {
      const row = depth(y, top * HEIGHT, (top + height) * HEIGHT, softPx);
      if (row === 0) {
        continue;
      }
      columns.forEach((column, x) => {
        if (column > 0) {
          const i = y * WIDTH + x;
          const share = Math.min(row, column);
          luma[i] = Math.min(255, (luma[i] as number) * (1 + share * (gain - 1)));
        }
      });
    }
  };
}

/** Squares with these upper left corners, in pixels, become so much lighter, or else darker. */
export function squares(
  places: readonly (readonly [number, number])[],
  sizePx: number,
  contrast: number,
): Edit {
  return (luma) => {
    for (const [left, top] of places) {
      for (let y = Math.max(0, top); y < Math.min(HEIGHT, top + sizePx); y++) {
        for (let x = Math.max(0, left); x < Math.min(WIDTH, left + sizePx); x++) {
          const i = y * WIDTH + x;
          const level = luma[i] as number;
          luma[i] = level + (level > 120 ? -contrast : contrast);
        }
      }
    }
  };
}

/** A box becomes one level. */
export function fill({ left, top, width, height }: BoxNorm, level: number): Edit {
  return (luma) => {
    const from = Math.round(left * WIDTH);
    const to = Math.round((left + width) * WIDTH);
    for (let y = Math.round(top * HEIGHT); y < Math.round((top + height) * HEIGHT); y++) {
      luma.fill(level, y * WIDTH + from, y * WIDTH + to);
    }
  };
}

/** Defocus: a mean over (2 r + 1)² pixels. */
export function blur(radius: number): Edit {
  return (luma) => {
    smear(luma, WIDTH, HEIGHT, 1, radius);
    smear(luma, HEIGHT, WIDTH, WIDTH, radius);
  };
}

function smear(luma: Uint8Array, length: number, lines: number, step: number, radius: number) {
  const across = step === 1 ? WIDTH : 1;
  const sums = new Float64Array(length + 1);
  for (let n = 0; n < lines; n++) {
    for (let k = 0; k < length; k++) {
      sums[k + 1] = (sums[k] as number) + (luma[n * across + k * step] as number);
    }
    for (let k = 0; k < length; k++) {
      const from = Math.max(0, k - radius);
      const to = Math.min(length, k + radius + 1);
      const sum = (sums[to] as number) - (sums[from] as number);
      luma[n * across + k * step] = sum / (to - from);
    }
  }
}

function depth(at: number, from: number, to: number, soft: number): number {
  return Math.max(0, Math.min(1, (at - from) / soft, (to - at) / soft));
}
