/**
 * Watches for blindness: something moves before a camera, and no inference comes of it. Whatever
 * the cause may be (a lost frame slot, a scheduler that starves, workers that never come back), it
 * is told once per camera, and once more when the camera sees again.
 */
import type { Clock, EpochMs } from "../../protocol/index.ts";

/** An alarm is due within 15 s of the motion: 12 s, one check's delay, and a margin. */
const AFTER_MS = 12_000;
const CHECK_MS = 1000;

export interface InferenceWatchOptions {
  readonly clock: Clock;
  /** Motion unanswered for so long is an alarm, ms; checked every second. */
  readonly afterMs?: number;
  /** @param waitingMs time since the first motion that was not answered. */
  readonly onAlarm: (camera: string, waitingMs: number) => void;
  readonly onCleared: (camera: string) => void;
}

interface Waiting {
  readonly since: EpochMs;
  alarmed: boolean;
}

export class InferenceWatch {
  readonly #options: InferenceWatchOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #closing = new AbortController();
  #started = false;

  constructor(options: InferenceWatchOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#started) {
      this.#started = true;
      void this.#run();
    }
  }

  /** Something moves before the camera. */
  motion(camera: string): void {
    if (!this.#waiting.has(camera)) {
      this.#waiting.set(camera, { since: this.#options.clock.now(), alarmed: false });
    }
  }

  /** An inference of the camera's picture was completed. */
  completed(camera: string): void {
    const waiting = this.#waiting.get(camera);
    if (waiting !== undefined) {
      this.#waiting.delete(camera);
      if (waiting.alarmed) {
        this.#options.onCleared(camera);
      }
    }
  }

  /** Nobody looks at this camera any more, and nobody has to. */
  forget(camera: string): void {
    this.#waiting.delete(camera);
  }

  /** No alarm comes after this. */
  close(): void {
    this.#closing.abort(new Error("closing"));
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const pause = (): Promise<boolean> =>
      this.#options.clock.wait(CHECK_MS, signal).then(
        () => !signal.aborted,
        () => false, // Closed meanwhile.
      );
    while (await pause()) {
      this.#check();
    }
  }

  #check(): void {
    const { clock, afterMs = AFTER_MS, onAlarm } = this.#options;
    const now = clock.now();
    for (const [camera, waiting] of this.#waiting) {
      const waitingMs = now - waiting.since;
      if (!waiting.alarmed && waitingMs >= afterMs) {
        waiting.alarmed = true;
        onAlarm(camera, waitingMs);
      }
    }
  }
}
