/** Tells the brain every few seconds how the node is, and measures the clocks' difference. */
import { formatTime, heartbeatAnswerSchema, parseTime } from "../../protocol/index.ts";
import type { Clock, EpochMs, Heartbeat as HeartbeatBody } from "../../protocol/index.ts";
import { BrainClient } from "./brain-client.ts";
import { ClockSkew } from "./clock-skew.ts";
import { failureOf, parseJson } from "./failure.ts";
import type { Failure } from "./failure.ts";
import { Lane } from "./lane.ts";
import { LinkState } from "./link-state.ts";
import type { LinkReport } from "./link-state.ts";
import type { UplinkLog } from "./log.ts";

const TIMEOUT_MS = 5_000;
/** A beat is worth nothing to a node that stops. */
const CLOSE_GRACE_MS = 100;
/** A node further off than this puts its events visibly at the wrong time. */
const SKEW_WARNING_MS = 1_000;

export interface HeartbeatOptions {
  readonly url: string;
  readonly nodeId: string;
  readonly secret: string;
  readonly heartbeatS: number;
  /** The body but for its time; called once per beat. */
  readonly report: () => Omit<HeartbeatBody, "sentAt">;
  readonly clock: Clock;
  readonly log: UplinkLog;
  readonly signal?: AbortSignal;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #client: BrainClient;
  readonly #link: LinkState;
  readonly #lane: Lane;
  readonly #skew = new ClockSkew();
  readonly #onAbort = (): void => this.#lane.cut();
  #skewed = false;

  /** @throws PermanentError CONFIG_INVALID for a secret or an address that cannot be used. */
  constructor(options: HeartbeatOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.#client = new BrainClient(options);
    this.#link = new LinkState({ what: "heartbeats", where: this.#client.where, clock, log });
    this.#lane = new Lane({
      step: (signal) => this.#step(signal),
      onError: (error) => {
        const reason = error instanceof Error ? error.message : String(error);
        return this.#fail({ pace: "slow", code: "INTERNAL", reason });
      },
      clock,
    });
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** The brain's clock minus the node's, ms; undefined until the first answer. */
  get skewMs(): number | undefined {
    return this.#skew.best?.skewMs;
  }

  /** Time on the wire of the sample behind `skewMs`: the skew is right to half of it. */
  get roundTripMs(): number | undefined {
    return this.#skew.best?.roundTripMs;
  }

  get link(): LinkReport {
    return this.#link.report;
  }

  start(): void {
    if (this.#options.signal?.aborted !== true) {
      this.#lane.start();
    }
  }

  async close(): Promise<void> {
    await this.#lane.close(CLOSE_GRACE_MS);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  async #step(signal: AbortSignal): Promise<number> {
    const { clock, report } = this.#options;
    const sentAt = clock.now();
    const body = JSON.stringify({ ...report(), sentAt: formatTime(sentAt) });
    const reply = await this.#client.send({
      method: "POST",
      path: "v1/heartbeat",
      contentType: "application/json",
      body,
      signed: body,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    const returnedAt = clock.now();
    if (reply.kind === "unreachable" || reply.status < 200 || reply.status > 299) {
      return this.#fail(failureOf(reply));
    }
    const answer = heartbeatAnswerSchema.safeParse(parseJson(reply.body));
    if (!answer.success) {
      const reason = "the answer does not hold receivedAt and answeredAt";
      return this.#fail({ pace: "slow", code: "ANSWER_UNREADABLE", reason });
    }
    this.#link.up();
    const receivedAt = parseTime(answer.data.receivedAt);
    const answeredAt = parseTime(answer.data.answeredAt);
    this.#skew.add({ sentAt, receivedAt, answeredAt, returnedAt });
    this.#reportSkew();
    return this.#untilNext(sentAt);
  }

  #fail(failure: Failure): number {
    this.#link.down(failure);
    return Math.max(this.#options.heartbeatS * 1000, failure.retryAfterMs ?? 0);
  }

  /** Beats are counted from start to start, so that a slow answer does not stretch them. */
  #untilNext(sentAt: EpochMs): number {
    const passedMs = Math.max(0, this.#options.clock.now() - sentAt);
    return Math.max(1, this.#options.heartbeatS * 1000 - passedMs);
  }

  #reportSkew(): void {
    const sample = this.#skew.best;
    const skewed = sample !== undefined && Math.abs(sample.skewMs) > SKEW_WARNING_MS;
    if (skewed === this.#skewed) {
      return;
    }
    this.#skewed = skewed;
    const { log } = this.#options;
    if (skewed) {
      log.warn({ ...sample }, "the node's clock differs from the brain's: set it, or run NTP");
    } else {
      log.info({ ...sample }, "the node's clock agrees with the brain's again");
    }
  }
}
