import type { Clock } from "../../protocol/index.ts";

/** How long to pause before the next step: milliseconds, or until somebody calls `wake`. */
export type Pause = number | "idle";

export interface LaneOptions {
  /** One piece of work; the signal cuts its request short. */
  readonly step: (signal: AbortSignal) => Promise<Pause>;
  /** A step threw something else than its abort; gives the pause before the next. */
  readonly onError: (error: unknown) => Pause;
  readonly clock: Clock;
}

/** Runs one step after another, never two at once, until it is closed. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  #running: Promise<void> | undefined;
  #woken = false;
  #resume: (() => void) | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  /** Ends an idle pause at once; a timed pause runs on. */
  wake(): void {
    this.#woken = true;
    this.#resume?.();
  }

  /** Lets the step that runs go on for `graceMs` at most, then cuts it short. */
  async close(graceMs: number): Promise<void> {
    this.#stop.abort();
    this.#resume?.();
    if (this.#running === undefined) {
      return;
    }
    const finished = new AbortController();
    const running = this.#running.finally(() => finished.abort());
    const cut = this.#options.clock.wait(graceMs, finished.signal).then(
      () => this.cut(),
      () => undefined, // It finished in time.
    );
    await Promise.all([running, cut]);
  }

  /** Stops, and aborts the request in flight. */
  cut(): void {
    this.#stop.abort();
    this.#resume?.();
    this.#cut.abort();
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#woken = false;
      await this.#rest(await this.#step());
    }
  }

  async #step(): Promise<Pause> {
    try {
      return await this.#options.step(this.#cut.signal);
    } catch (error) {
      return this.#cut.signal.aborted ? 0 : this.#options.onError(error);
    }
  }

  async #rest(pause: Pause): Promise<void> {
    if (this.#stop.signal.aborted || pause === 0) {
      return;
    }
    if (pause !== "idle") {
      // Only an abort rejects, and the loop looks at the signal itself.
      await this.#options.clock.wait(pause, this.#stop.signal).catch(() => undefined);
    } else if (!this.#woken) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
      this.#resume = undefined;
    }
  }
}
