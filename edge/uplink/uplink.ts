/** Carries the outbox to the brain: events first, then the pictures of accepted events. */
import type { Clock } from "../../protocol/index.ts";
import { BrainClient } from "./brain-client.ts";
import { EventSender } from "./event-sender.ts";
import { Lane } from "./lane.ts";
import type { LaneOptions } from "./lane.ts";
import { LinkState } from "./link-state.ts";
import type { LinkReport } from "./link-state.ts";
import type { UplinkLog } from "./log.ts";
import type { Outbox } from "./outbox.ts";
import { PictureSender } from "./picture-sender.ts";
import { RetryPace } from "./retry-pace.ts";

/** How long a request in flight may still take when the node stops: its answer saves a repeat. */
const CLOSE_GRACE_MS = 1_000;
/** Pause after an error that is no answer of the brain, such as a disk that cannot be read. */
const BROKEN_PAUSE_MS = 10_000;

export interface UplinkOptions {
  readonly outbox: Outbox;
  /** Address of the brain. */
  readonly url: string;
  readonly nodeId: string;
  /** The node's secret, `whsec_…`. */
  readonly secret: string;
  readonly clock: Clock;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
  readonly log: UplinkLog;
  /** Stops the uplink and cuts the request in flight. */
  readonly signal?: AbortSignal;
}

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #links: { readonly events: LinkState; readonly pictures: LinkState };
  readonly #lanes: readonly Lane[];
  readonly #unsubscribe: () => void;
  readonly #onAbort = (): void => {
    for (const lane of this.#lanes) {
      lane.cut();
    }
  };

  /** @throws PermanentError CONFIG_INVALID for a secret or an address that cannot be used. */
  constructor(options: UplinkOptions) {
    const { outbox, random, log, clock } = options;
    this.#options = options;
    const client = new BrainClient(options);
    const link = (what: string): LinkState =>
      new LinkState({ what, where: client.where, clock, log });
    this.#links = { events: link("events"), pictures: link("pictures") };
    const shared = { outbox, client, log };
    const { events, pictures } = this.#links;
    const eventSender = new EventSender({ ...shared, link: events, pace: new RetryPace(random) });
    const pictureSender = new PictureSender({
      ...shared,
      link: pictures,
      pace: new RetryPace(random),
    });
    this.#lanes = [
      this.#lane((signal) => eventSender.step(signal), events),
      this.#lane((signal) => pictureSender.step(signal), pictures),
    ];
    this.#unsubscribe = outbox.onChange(() => {
      for (const lane of this.#lanes) {
        lane.wake();
      }
    });
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Whether the brain takes events. */
  get events(): LinkReport {
    return this.#links.events.report;
  }

  /** Whether the brain takes pictures. */
  get pictures(): LinkReport {
    return this.#links.pictures.report;
  }

  start(): void {
    if (this.#options.signal?.aborted === true) {
      return;
    }
    for (const lane of this.#lanes) {
      lane.start();
    }
  }

  /** Stops; a request in flight has a second to be answered. The outbox stays open. */
  async close(): Promise<void> {
    this.#unsubscribe();
    await Promise.all(this.#lanes.map((lane) => lane.close(CLOSE_GRACE_MS)));
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  #lane(step: LaneOptions["step"], link: LinkState): Lane {
    const onError = (error: unknown): number => {
      const reason = error instanceof Error ? error.message : String(error);
      link.down({ pace: "slow", code: "INTERNAL", reason });
      return BROKEN_PAUSE_MS;
    };
    return new Lane({ step, onError, clock: this.#options.clock });
  }
}
