/**
 * Asks the brain for plans and orders, one long question after another, and carries answers back.
 * The node asks, so that it needs no open port.
 */
import {
  formatTime,
  ordersAnswerSchema,
  type CameraScene,
  type Clock,
  type NodeId,
  type NodeOrder,
  type OrderResult,
  type OrdersAnswer,
  type PlanState,
} from "../../protocol/index.ts";
import { BrainClient, type BrainReply } from "./brain-client.ts";
import { failureOf, parseJson, type Failure } from "./failure.ts";
import { Lane } from "./lane.ts";
import { LinkState, type LinkReport } from "./link-state.ts";
import type { UplinkLog } from "./log.ts";
import { putPicture } from "./picture-upload.ts";
import { RetryPace } from "./retry-pace.ts";

/** The brain holds a question for so long while it has nothing to say. */
const WAIT_MS = 20_000;
/** While news is to be told soon, such as the size of the first pictures. */
const UNSETTLED_WAIT_MS = 2_000;
/** Beyond the wait asked for. */
const TIMEOUT_MS = 5_000;
/** A brain that answers at once, again and again, is asked no faster than this. */
const LEAST_PERIOD_MS = 250;
const EMPTY_PAUSE_MS = 1_000;
/** An older brain knows no such question. */
const UNSUPPORTED_PAUSE_MS = 300_000;
const BROKEN_PAUSE_MS = 10_000;

/** What the node has to say, and who takes what the brain says. */
export interface OrdersOffice {
  plans(): PlanState[];
  /** Scenes to tell; `more` where some have to wait for the next question. */
  scenes(): { readonly scenes: CameraScene[]; readonly more: boolean };
  /** The brain has them. */
  told(scenes: readonly CameraScene[]): void;
  /** The brain was away and may have lost what it was told. */
  forget(): void;
  /** Whether scenes will change without the brain's doing, soon. */
  isUnsettled(): boolean;
  take(answer: OrdersAnswer): void;
}

export interface OrdersChannelOptions {
  readonly url: string;
  readonly nodeId: NodeId;
  readonly secret: string;
  readonly office: OrdersOffice;
  readonly clock: Clock;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
  readonly log: UplinkLog;
}

export class OrdersChannel {
  readonly #options: OrdersChannelOptions;
  readonly #client: BrainClient;
  readonly #link: LinkState;
  readonly #lane: Lane;
  readonly #pace: RetryPace;
  #isUnsupported = false;

  /** @throws PermanentError CONFIG_INVALID for a secret or an address that cannot be used. */
  constructor(options: OrdersChannelOptions) {
    const { clock, log, random } = options;
    this.#options = options;
    this.#client = new BrainClient(options);
    this.#link = new LinkState({ what: "orders", where: this.#client.where, clock, log });
    this.#pace = new RetryPace(random);
    this.#lane = new Lane({
      step: (signal) => this.#ask(signal),
      onError: (error) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#link.down({ pace: "slow", code: "INTERNAL", reason });
        return BROKEN_PAUSE_MS;
      },
      clock,
    });
  }

  get link(): LinkReport {
    return this.#link.report;
  }

  start(): void {
    this.#lane.start();
  }

  /** A question is worth nothing to a node that stops: it is cut short. */
  async close(): Promise<void> {
    this.#lane.cut();
    await this.#lane.close(0);
  }

  /** Uploads a picture that an order asked for; gives what kept it from succeeding. */
  async upload(
    sha256: string,
    jpeg: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    return this.#untilTaken(signal, () => putPicture(this.#client, sha256, jpeg, signal));
  }

  /** Tells what came of an order; gives up when the brain refuses it, or at the signal. */
  async answer({ id }: NodeOrder, result: OrderResult, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify(result);
    const failure = await this.#untilTaken(signal, () =>
      this.#client.send({
        method: "POST",
        path: `v1/orders/${id}/result`,
        contentType: "application/json",
        body,
        signed: body,
        timeoutMs: TIMEOUT_MS,
        signal,
      }),
    );
    if (failure !== undefined) {
      const { code, reason } = failure;
      this.#options.log.warn({ order: id, code, reason }, "the brain did not take an answer");
    }
  }

  async #untilTaken(
    signal: AbortSignal,
    send: () => Promise<BrainReply>,
  ): Promise<Failure | undefined> {
    const pace = new RetryPace(this.#options.random);
    for (;;) {
      try {
        const reply = await send();
        if (isSuccess(reply)) {
          return undefined;
        }
        const failure = failureOf(reply);
        if (failure.pace === "slow") {
          return failure;
        }
        await this.#options.clock.wait(pace.afterMs(failure), signal);
      } catch (error) {
        if (!signal.aborted) {
          throw error;
        }
        return { pace: "slow", code: "ORDER_EXPIRED", reason: "it could not be sent in time" };
      }
    }
  }

  async #ask(signal: AbortSignal): Promise<number> {
    const { office, nodeId, clock } = this.#options;
    const { scenes, more } = office.scenes();
    const waitMs = more ? 0 : office.isUnsettled() ? UNSETTLED_WAIT_MS : WAIT_MS;
    const body = JSON.stringify({ nodeId, plans: office.plans(), scenes, waitMs });
    const askedAt = clock.now();
    const reply = await this.#client.send({
      method: "POST",
      path: "v1/orders/next",
      contentType: "application/json",
      body,
      signed: body,
      timeoutMs: waitMs + TIMEOUT_MS,
      signal,
    });
    if (!isSuccess(reply)) {
      return this.#fail(reply);
    }
    const answer = ordersAnswerSchema.safeParse(parseJson(reply.body));
    if (!answer.success) {
      const issue = answer.error.issues[0];
      const reason = `the answer does not fit the schema at '${issue?.path.map(String).join(".") ?? ""}'`;
      return this.#down({ pace: "slow", code: "ANSWER_UNREADABLE", reason });
    }
    this.#link.up();
    this.#pace.succeeded();
    this.#isUnsupported = false;
    office.told(scenes);
    office.take(answer.data);
    const isEmpty = answer.data.plans.length === 0 && answer.data.orders.length === 0;
    return this.#pauseAfter(askedAt, isEmpty && !more && scenes.length === 0);
  }

  #pauseAfter(askedAt: number, isEmpty: boolean): number {
    const passedMs = Math.max(0, this.#options.clock.now() - askedAt);
    return Math.max(0, (isEmpty ? EMPTY_PAUSE_MS : LEAST_PERIOD_MS) - passedMs);
  }

  #fail(reply: BrainReply): number {
    this.#options.office.forget();
    if (reply.kind !== "answer" || reply.status !== 404) {
      return this.#down(failureOf(reply));
    }
    if (!this.#isUnsupported) {
      this.#isUnsupported = true;
      const next = formatTime(this.#options.clock.now() + UNSUPPORTED_PAUSE_MS);
      const fields = { brain: this.#client.where, next };
      this.#options.log.warn(
        fields,
        "the brain has no plans and orders: the node's configuration file holds, it asks now and then",
      );
    }
    return UNSUPPORTED_PAUSE_MS;
  }

  #down(failure: Failure): number {
    this.#link.down(failure);
    return this.#pace.afterMs(failure);
  }
}

function isSuccess(reply: BrainReply): reply is Extract<BrainReply, { kind: "answer" }> {
  return reply.kind === "answer" && reply.status >= 200 && reply.status < 300;
}
