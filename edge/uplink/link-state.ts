import type { Clock, EpochMs } from "../../protocol/index.ts";
import type { Failure } from "./failure.ts";
import type { UplinkLog } from "./log.ts";

/** Whether the brain takes what it is sent; unknown until the first answer. */
export interface LinkReport {
  readonly state: "unknown" | "reachable" | "unreachable";
  readonly since: EpochMs;
  readonly code?: string;
  readonly reason?: string;
}

export interface LinkStateOptions {
  /** What is sent: events, pictures, heartbeats. */
  readonly what: string;
  readonly where: string;
  readonly clock: Clock;
  readonly log: UplinkLog;
}

/** Logs changes of state only: a brain that is away for a week makes two lines. */
export class LinkState {
  readonly #options: LinkStateOptions;
  #report: LinkReport;
  #failures = 0;

  constructor(options: LinkStateOptions) {
    this.#options = options;
    this.#report = { state: "unknown", since: options.clock.now() };
  }

  get report(): LinkReport {
    return this.#report;
  }

  up(): void {
    if (this.#report.state === "reachable") {
      return;
    }
    const { what, where, clock, log } = this.#options;
    const now = clock.now();
    const downMs = this.#report.state === "unreachable" ? now - this.#report.since : 0;
    const failures = this.#failures;
    this.#failures = 0;
    this.#report = { state: "reachable", since: now };
    log.info({ what, brain: where, downMs, failures }, "the brain takes what it is sent");
  }

  /** `since` stays where one failure turns into another. */
  down(failure: Failure): void {
    this.#failures += 1;
    const { what, where, clock, log } = this.#options;
    const { code, reason, pace } = failure;
    const wasDown = this.#report.state === "unreachable";
    if (wasDown && this.#report.code === code) {
      return;
    }
    const since = wasDown ? this.#report.since : clock.now();
    this.#report = { state: "unreachable", since, code, reason };
    const fields = { what, brain: where, code, reason };
    if (pace === "slow") {
      log.error(
        fields,
        "the brain refuses what it is sent: somebody must act; the node goes on trying",
      );
    } else {
      log.warn(fields, "the brain cannot be reached: the node goes on trying");
    }
  }
}
