/** Answers every received task after some thinking, until the brain has taken the answer. */
import { AppError, PermanentError, type Clock } from "../../protocol/index.ts";
import { acceptance, acknowledge } from "./client.ts";
import type { Ledger, Received } from "./ledger.ts";
import type { PostJson } from "./signed-post.ts";

export interface AcknowledgerOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly post: PostJson;
  /** Secret of an endpoint by department code. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly thinkMs: number;
  readonly log: (message: string) => void;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
const TIMEOUT_MS = 5_000;

export class Acknowledger {
  readonly #options: AcknowledgerOptions;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: AcknowledgerOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier process left unanswered. */
  resume(): void {
    this.#options.ledger.unanswered.forEach((entry) => this.take(entry));
  }

  /** The caller bounds how many are under way: each is a line of the ledger's unanswered. */
  take(entry: Received): void {
    const work = this.#answer(entry)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) {
          this.#options.log(`task ${entry.taskId}: ${String(error)}`);
        }
      })
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("stopping"));
    await Promise.allSettled(this.#running);
  }

  async #answer(entry: Received): Promise<void> {
    const { clock, thinkMs, ledger, log } = this.#options;
    const dueAt = entry.receivedAt + thinkMs;
    await clock.wait(Math.max(0, dueAt - clock.now()), this.#stop.signal);
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#post(entry);
        await ledger.close({ kind: "acknowledged", id: entry.id, at: clock.now() });
        return;
      } catch (error) {
        if (error instanceof PermanentError) {
          log(`task ${entry.taskId} of ${entry.department}: ${error.message}`);
          await ledger.close({
            kind: "refused",
            id: entry.id,
            at: clock.now(),
            reason: error.message,
          });
          return;
        }
        if (!(error instanceof AppError)) {
          throw error;
        }
        if (attempt === 0) {
          log(`task ${entry.taskId} of ${entry.department}: ${error.message}; trying again`);
        }
        await clock.wait(retryDelayMs(attempt), this.#stop.signal);
      }
    }
  }

  async #post(entry: Received): Promise<void> {
    const { clock, post, secrets } = this.#options;
    const secret = secrets.get(entry.department);
    if (secret === undefined) {
      throw new PermanentError("NOT_FOUND", "The department has no secret any more", {
        where: entry.department,
      });
    }
    await acknowledge(
      {
        acknowledgeUrl: entry.acknowledgeUrl,
        department: entry.department,
        secret,
        acknowledgement: acceptance(
          entry.id,
          clock.now(),
          `${entry.department} duty desk`,
          `${entry.department}-${entry.taskId.slice(0, 8)}`,
        ),
        now: clock.now(),
      },
      post,
      AbortSignal.any([this.#stop.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    );
  }
}

/** 0.5, 1, 2, 4, 8, 10, 10 … s. */
export function retryDelayMs(attempt: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
}
