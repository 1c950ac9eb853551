/** Sends waiting events, the oldest first, one request in flight, for ever. */
import {
  EVENT_BATCH_BYTES,
  EVENT_BATCH_CONTENT_TYPE,
  EVENT_BATCH_LIMIT,
  intakeAnswerSchema,
} from "../../protocol/index.ts";
import type { BrainClient, BrainReply } from "./brain-client.ts";
import { failureOf, parseJson, problemOf } from "./failure.ts";
import type { Failure } from "./failure.ts";
import type { Pause } from "./lane.ts";
import type { LinkState } from "./link-state.ts";
import type { UplinkLog } from "./log.ts";
import type { Outbox, OutboxEntry, Settlement } from "./outbox.ts";
import type { RetryPace } from "./retry-pace.ts";

const TIMEOUT_MS = 5_000;

export interface EventSenderOptions {
  readonly outbox: Outbox;
  readonly client: BrainClient;
  readonly link: LinkState;
  readonly pace: RetryPace;
  readonly log: UplinkLog;
}

type Verdict =
  | { readonly kind: "settled"; readonly settlements: readonly Settlement[] }
  | { readonly kind: "too-large"; readonly settlement: Omit<Settlement, "id"> }
  | { readonly kind: "failed"; readonly failure: Failure };

export class EventSender {
  readonly #options: EventSenderOptions;
  #limit = EVENT_BATCH_LIMIT;

  constructor(options: EventSenderOptions) {
    this.#options = options;
  }

  async step(signal: AbortSignal): Promise<Pause> {
    const { outbox, client, link, pace } = this.#options;
    const batch = outbox.peek(this.#limit, EVENT_BATCH_BYTES);
    if (batch.length === 0) {
      return "idle";
    }
    const body = `[${batch.map((entry) => entry.body).join(",")}]`;
    const reply = await client.send({
      method: "POST",
      path: "v1/events",
      contentType: EVENT_BATCH_CONTENT_TYPE,
      body,
      signed: body,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    const verdict = judge(reply, batch);
    if (verdict.kind === "failed") {
      link.down(verdict.failure);
      return pace.afterMs(verdict.failure);
    }
    link.up();
    pace.succeeded();
    this.#apply(verdict, batch);
    return 0;
  }

  #apply(verdict: Exclude<Verdict, { kind: "failed" }>, batch: readonly OutboxEntry[]): void {
    if (verdict.kind === "settled") {
      this.#limit = Math.min(EVENT_BATCH_LIMIT, this.#limit * 2);
      this.#settle(verdict.settlements, batch);
    } else if (batch.length > 1) {
      this.#limit = Math.ceil(batch.length / 2);
    } else {
      this.#settle(
        batch.map(({ id }) => ({ ...verdict.settlement, id })),
        batch,
      );
    }
  }

  #settle(settlements: readonly Settlement[], batch: readonly OutboxEntry[]): void {
    const { outbox, log } = this.#options;
    outbox.settle(settlements);
    settlements.forEach(({ id, outcome, problem }, index) => {
      if (outcome === "rejected") {
        const camera = batch[index]?.camera;
        log.error({ camera, event: id, problem }, "the brain rejected an event: it is kept aside");
      }
    });
  }
}

function judge(reply: BrainReply, batch: readonly OutboxEntry[]): Verdict {
  if (reply.kind === "unreachable") {
    return { kind: "failed", failure: failureOf(reply) };
  }
  if (reply.status === 413) {
    const code = "BODY_TOO_LARGE";
    const problem = problemOf(reply.body) ?? { code, message: "The brain finds it too large" };
    return { kind: "too-large", settlement: { outcome: "rejected", problem } };
  }
  if (reply.status < 200 || reply.status > 299) {
    return { kind: "failed", failure: failureOf(reply) };
  }
  return readAnswer(reply.body, batch);
}

/** An answer that does not fit the batch is believed in no part: nothing is forgotten. */
function readAnswer(body: string, batch: readonly OutboxEntry[]): Verdict {
  const parsed = intakeAnswerSchema.safeParse(parseJson(body));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.map(String).join(".") ?? "";
    return unreadable(`the answer does not fit the schema at '${where}': ${issue?.message ?? ""}`);
  }
  const { results } = parsed.data;
  if (results.length !== batch.length) {
    const [expected, got] = [String(batch.length), String(results.length)];
    return unreadable(`expected ${expected} results, got ${got}`);
  }
  const settlements = batch.map(({ id }, index) => ({ ...results[index], id })) as Settlement[];
  const stranger = results.find(
    (result, index) => (result.id ?? batch[index]?.id) !== batch[index]?.id,
  );
  if (stranger !== undefined) {
    return unreadable(`expected results in the order of the batch, got ${String(stranger.id)}`);
  }
  return { kind: "settled", settlements };
}

function unreadable(reason: string): Verdict {
  return { kind: "failed", failure: { pace: "slow", code: "ANSWER_UNREADABLE", reason } };
}
