/** Carries out what the control room orders: a few at a time, each with an end. */
import {
  AppError,
  parseTime,
  PermanentError,
  toProblem,
  TransientError,
  type Clock,
  type EpochMs,
  type NodeOrder,
  type OrderResult,
} from "../../protocol/index.ts";

/** How an order ended: as its result says, or too late for any. */
export type OrderOutcome = OrderResult["outcome"] | "expired";

export interface OrderDeskOptions {
  readonly clock: Clock;
  /** The brain's clock minus the node's, ms: orders end by the brain's. */
  readonly brainAheadMs: () => number;
  /** Carries one order out; the signal is aborted at its end. */
  readonly run: (order: NodeOrder, signal: AbortSignal) => Promise<OrderResult>;
  /** Tells the brain; gives up by itself at the signal. */
  readonly answer: (order: NodeOrder, result: OrderResult, signal: AbortSignal) => Promise<void>;
  readonly onDone: (kind: NodeOrder["kind"], outcome: OrderOutcome) => void;
}

/** Somebody draws a zone; four of them at once are a lot. */
const MAX_RUNNING = 4;
/** Longer than any order takes; a clock that is set must not make it last for ever. */
const LONGEST_MS = 60_000;

export class OrderDesk {
  readonly #options: OrderDeskOptions;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #busy = 0;

  constructor(options: OrderDeskOptions) {
    this.#options = options;
  }

  take(order: NodeOrder): void {
    if (this.#closing.signal.aborted) {
      return;
    }
    const running = this.#handle(order).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** What runs is cut short. */
  async close(): Promise<void> {
    this.#closing.abort(new TransientError("UNAVAILABLE", "The node is closing"));
    await Promise.all(this.#running);
  }

  async #handle(order: NodeOrder): Promise<void> {
    const { answer, onDone } = this.#options;
    const leftMs = Math.min(LONGEST_MS, this.#endOf(order) - this.#options.clock.now());
    if (leftMs <= 0) {
      onDone(order.kind, "expired");
      return;
    }
    const life = new AbortController();
    const onClosing = (): void => life.abort(this.#closing.signal.reason);
    this.#closing.signal.addEventListener("abort", onClosing, { once: true });
    void this.#options.clock.wait(leftMs, life.signal).then(
      () => life.abort(new TransientError("ORDER_EXPIRED", "The order took too long")),
      () => undefined, // It was done in time.
    );
    try {
      const result = await this.#carryOut(order, life.signal);
      if (!life.signal.aborted) {
        await answer(order, result, life.signal);
      }
      onDone(order.kind, life.signal.aborted ? "expired" : result.outcome);
    } finally {
      this.#closing.signal.removeEventListener("abort", onClosing);
      life.abort();
    }
  }

  async #carryOut(order: NodeOrder, signal: AbortSignal): Promise<OrderResult> {
    if (this.#busy >= MAX_RUNNING) {
      const detail = { expected: `at most ${String(MAX_RUNNING)} orders at a time` };
      return failed(new TransientError("OVERLOADED", "The node has orders enough", detail));
    }
    this.#busy++;
    try {
      return await this.#options.run(order, signal);
    } catch (error) {
      return failed(error);
    } finally {
      this.#busy--;
    }
  }

  #endOf({ until }: NodeOrder): EpochMs {
    return parseTime(until) - this.#options.brainAheadMs();
  }
}

function failed(error: unknown): OrderResult {
  const known =
    error instanceof AppError
      ? error
      : new PermanentError("INTERNAL", "The order failed", {
          got: error instanceof Error ? error.message : String(error),
        });
  return { outcome: "failed", problem: toProblem(known) };
}
