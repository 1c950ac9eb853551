/**
 * How much a detector's boxes jitter, learnt while it is at work: a person's height hardly changes
 * within three sights, so what the middle one deviates from the line between its neighbours is the
 * detector's. Faster R-CNN's boxes of MOT15 jitter five times as much as YOLOX-X's of MOT17, and a
 * filter that takes them for as good follows every twitch into the wrong person.
 */
import type { EpochMs } from "../../protocol/index.ts";
import type { BoxPx } from "./motion.ts";

export interface Sight {
  readonly at: EpochMs;
  readonly box: BoxPx;
}

/**
 * What is believed at least and at most, heights. The least is ByteTrack's constant: errors of
 * successive frames resemble each other, and differences show only what they do not share.
 */
const LEAST = 0.05;
const MOST = 0.12;
/** Of a centre, to what was found of the height: about as much again for what is shared. */
const FACTOR = 1.5;
/** Mean deviation of a normal distribution to its standard deviation: √(π/2). */
const STD_PER_DEVIATION = Math.sqrt(Math.PI / 2);
/** Three sights within this time tell of the detector, over longer times of the object. */
const SPAN_MS = 1000;
/** Share of the newest deviation; a mean over the first ones until there are so many. */
const LEARNING = 0.01;
/** Beyond this many means, another object was taken for it. Judged once a few are known. */
const OUTLIER = 4;
const FEW = 20;

export class DetectorNoise {
  #deviation = 0;
  #samples = 0;

  /** Standard deviation of a detected centre, heights. */
  get centreStd(): number {
    const std = FACTOR * STD_PER_DEVIATION * this.#deviation;
    return Math.min(MOST, Math.max(LEAST, std));
  }

  learn(first: Sight, middle: Sight, last: Sight): void {
    const spanMs = last.at - first.at;
    const share = (middle.at - first.at) / spanMs;
    // The middle one has to lie about in the middle.
    if (!(spanMs <= SPAN_MS && share > 0.3 && share < 0.7)) {
      return;
    }
    const line = first.box.height + (last.box.height - first.box.height) * share;
    const norm = Math.sqrt(1 + share ** 2 + (1 - share) ** 2);
    let deviation = Math.abs(middle.box.height - line) / middle.box.height / norm;
    this.#samples = Math.min(this.#samples + 1, 1 / LEARNING);
    if (this.#samples > FEW) {
      deviation = Math.min(deviation, OUTLIER * this.#deviation);
    }
    this.#deviation += (deviation - this.#deviation) / this.#samples;
  }
}
