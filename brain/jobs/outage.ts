/** Says once that something is gone and once that it is back, however many errors come between. */
import type { Log } from "../store/index.ts";

export class Outage {
  readonly #what: string;
  readonly #log: Log;
  #since: number | undefined;

  constructor(what: string, log: Log) {
    this.#what = what;
    this.#log = log;
  }

  get isOn(): boolean {
    return this.#since !== undefined;
  }

  begin(reason: string): void {
    if (this.#since === undefined) {
      this.#since = performance.now();
      this.#log.warn({ reason }, `${this.#what} cannot be reached`);
    }
  }

  end(): void {
    if (this.#since !== undefined) {
      const lastedMs = Math.round(performance.now() - this.#since);
      this.#since = undefined;
      this.#log.info({ lastedMs }, `${this.#what} can be reached again`);
    }
  }
}
