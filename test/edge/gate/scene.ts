/** Synthetic luma scenes with seeded noise. */
import type { BoxNorm } from "../../../protocol/index.ts";
import type { GateVerdict, MotionGate } from "../../../edge/gate/index.ts";

export const WIDTH = 640;
export const HEIGHT = 360;

export interface Scene {
  /** Grey levels added everywhere. */
  readonly light?: number;
  readonly gain?: number;
  /** Pixels by which the view is moved. */
  readonly shift?: number;
  readonly square?: BoxNorm | undefined;
  readonly squareLevel?: number;
}

/** Smallest standard generator (Park and Miller); 0–1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** A street of blocks with clear edges, as a camera with noise of ±`noise` grey levels sees it. */
export class Street {
  private readonly random = seeded(7);
  private readonly blocks: Uint8Array;
  private readonly noise: Float32Array;

  constructor(noise = 6) {
    this.noise = Float32Array.from(
      { length: 2 * WIDTH * HEIGHT },
      () => (this.random() * 2 - 1) * noise,
    );
    const levels = seeded(3);
    this.blocks = Uint8Array.from({ length: 64 * 64 }, () => 50 + 130 * levels());
  }

  frame({ light = 0, gain = 1, shift = 0, square, squareLevel = 20 }: Scene = {}): Uint8Array {
    const luma = new Uint8ClampedArray(WIDTH * HEIGHT);
    const { blocks, noise } = this;
    const [left, top, right, bottom] = edgesPx(square);
    let from = Math.floor(this.random() * WIDTH * HEIGHT);
    for (let y = 0, i = 0; y < HEIGHT; y++) {
      const row = (((y + shift) >> 5) % 64) * 64;
      for (let x = 0; x < WIDTH; x++) {
        const inSquare = y >= top && y < bottom && x >= left && x < right;
        const level = inSquare ? squareLevel : (blocks[row + (((x + shift) >> 5) % 64)] as number);
        luma[i++] = gain * level + light + (noise[from++] as number);
      }
    }
    return new Uint8Array(luma.buffer);
  }
}

/** Feeds frames from `fromS` to before `toS` and gives the verdicts. */
export function watch(
  gate: MotionGate,
  street: Street,
  { fromS, toS, fps = 5 }: { fromS: number; toS: number; fps?: number },
  sceneAt: (timeS: number) => Scene = () => ({}),
): GateVerdict[] {
  const verdicts: GateVerdict[] = [];
  for (let n = 0; fromS + n / fps < toS; n++) {
    const timeS = fromS + n / fps;
    verdicts.push(gate.look(street.frame(sceneAt(timeS)), WIDTH, HEIGHT, timeS * 1000));
  }
  return verdicts;
}

export function kinds(verdicts: readonly GateVerdict[]): string[] {
  return [...new Set(verdicts.map(({ kind }) => kind))];
}

/** Share of the box that lies in the (disjoint) regions. */
export function covered(box: BoxNorm, regions: readonly BoxNorm[]): number {
  const shared = regions.reduce((sum, region) => {
    const width =
      Math.min(box.left + box.width, region.left + region.width) - Math.max(box.left, region.left);
    const height =
      Math.min(box.top + box.height, region.top + region.height) - Math.max(box.top, region.top);
    return sum + Math.max(0, width) * Math.max(0, height);
  }, 0);
  return shared / (box.width * box.height);
}

function edgesPx(box: BoxNorm | undefined): readonly [number, number, number, number] {
  if (box === undefined) {
    return [0, 0, 0, 0];
  }
  const { left, top, width, height } = box;
  return [left * WIDTH, top * HEIGHT, (left + width) * WIDTH, (top + height) * HEIGHT];
}
