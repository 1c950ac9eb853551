/** What a detector gets wrong, by a seed: the same seed gives the same faults. */
import { seeded } from "../../../bench/support/seeded.ts";
import type { BoxNorm } from "../../../protocol/index.ts";
import type { TrackedDetection } from "../../../edge/track/index.ts";
import { ASPECT } from "./camera.ts";

/** Standard deviation of each side of a box, in its heights. */
const JITTER = 0.025;
const DROPPED = 0.1;
const SCORE_STD = 0.08;
/** Share of detections that the model was hardly sure of, and down to which score. */
const UNSURE = 0.08;
const UNSURE_SCORE = 0.2;
/** Of frames with something that is not there, for one frame or for two. */
const FALSE_ALARM = 0.02;
/** Of detections with a second box on a part of the same object. */
const DOUBLE = 0.01;

export class Noise {
  readonly #random: () => number;
  /** A false detection that is seen once more. */
  #again: TrackedDetection | undefined;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  /** 0–1: how far the first frame lies after the scene's start, in frame intervals. */
  phase(): number {
    return this.#random();
  }

  spoil(detections: readonly TrackedDetection[]): readonly TrackedDetection[] {
    const labels = detections.map((one) => one.label);
    const spoilt = detections
      .filter(() => this.#random() >= DROPPED)
      .map((one) => ({ ...one, box: this.#shake(one.box), score: this.#scoreOf(one.score) }));
    const doubled = spoilt
      .filter(() => this.#random() < DOUBLE)
      .map((one) => ({
        ...one,
        score: one.score * 0.7,
        box: { ...one.box, height: one.box.height * 0.55 },
      }));
    return [...spoilt, ...doubled, ...this.#invent(labels)];
  }

  /** Around `value`, off by some per cent. */
  near(value: number): number {
    return value * (1 + 0.03 * this.#gaussian());
  }

  #scoreOf(usual: number): number {
    const score =
      this.#random() < UNSURE
        ? UNSURE_SCORE + this.#random() * (usual - UNSURE_SCORE) * 0.5
        : usual + SCORE_STD * this.#gaussian();
    return Math.min(0.99, Math.max(0.05, score));
  }

  #shake({ left, top, width, height }: BoxNorm): BoxNorm {
    const by = (): number => JITTER * height * this.#gaussian();
    const [west, east, north, south] = [by() / ASPECT, by() / ASPECT, by(), by()];
    return {
      left: left + west,
      top: top + north,
      width: Math.max(width * 0.5, width + east - west),
      height: Math.max(height * 0.5, height + south - north),
    };
  }

  #invent(labels: readonly string[]): readonly TrackedDetection[] {
    const again = this.#again;
    this.#again = undefined;
    if (again !== undefined) {
      return [{ ...again, box: this.#shake(again.box) }];
    }
    if (this.#random() >= FALSE_ALARM) {
      return [];
    }
    const height = 0.05 + 0.15 * this.#random();
    const width = (height * 0.4) / ASPECT;
    const invented = {
      label: labels[Math.floor(this.#random() * labels.length)] ?? "person",
      score: 0.3 + 0.35 * this.#random(),
      box: {
        left: this.#random() * (1 - width),
        top: 0.1 + this.#random() * (0.9 - height),
        width,
        height,
      },
    };
    this.#again = this.#random() < 0.3 ? invented : undefined;
    return [invented];
  }

  #gaussian(): number {
    const [a, b] = [1 - this.#random(), this.#random()];
    return Math.sqrt(-2 * Math.log(a)) * Math.cos(2 * Math.PI * b);
  }
}
