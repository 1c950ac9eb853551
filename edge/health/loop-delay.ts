/** How late the main thread's event loop runs: since the start, and since somebody last asked. */
import { monitorEventLoopDelay } from "node:perf_hooks";

/** The monitor looks every so often, and counts its own pause as delay. */
const RESOLUTION_MS = 10;

export type LoopQuantile = "0.5" | "0.99" | "max";

/** Seconds of delay beyond the monitor's own pause. */
export type LoopDelayS = Readonly<Record<LoopQuantile, number>>;

export class LoopDelay {
  readonly #sinceStart = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #sinceRead = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#sinceStart.enable();
    this.#sinceRead.enable();
  }

  /** Begins the next window. */
  read(): { readonly start: LoopDelayS; readonly scrape: LoopDelayS } {
    const delays = { start: summarise(this.#sinceStart), scrape: summarise(this.#sinceRead) };
    this.#sinceRead.reset();
    return delays;
  }

  close(): void {
    this.#sinceStart.disable();
    this.#sinceRead.disable();
  }
}

function summarise(delays: ReturnType<typeof monitorEventLoopDelay>): LoopDelayS {
  return {
    "0.5": beyondPauseS(delays.percentile(50)),
    "0.99": beyondPauseS(delays.percentile(99)),
    max: beyondPauseS(delays.max),
  };
}

function beyondPauseS(delayNs: number): number {
  return Math.max(0, delayNs / 1e9 - RESOLUTION_MS / 1000);
}
