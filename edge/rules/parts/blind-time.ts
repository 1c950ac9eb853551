/** Time in which nobody looked: the camera was away. What was there is not known to have gone. */
import type { EpochMs } from "../../../protocol/index.ts";

/** Looks are rarer than this only when the camera is away; a node under load looks more often. */
const LOOKED_MS = 5000;

export class BlindTime {
  #lastAt: EpochMs | undefined;

  /** Takes the time of every frame; gives how long it has been dark before this one, ms, mostly 0. */
  step(at: EpochMs): number {
    const stepMs = at - (this.#lastAt ?? at);
    this.#lastAt = at;
    return stepMs > LOOKED_MS ? stepMs : 0;
  }
}
