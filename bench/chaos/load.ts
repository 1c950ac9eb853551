/** A node that sends events in batches until each batch is answered, whatever happens. */
import { Webhook } from "standardwebhooks";
import { uuidv7 } from "uuidv7";
import {
  EVENT_BATCH_CONTENT_TYPE,
  type IntakeAnswer,
  SENDER_HEADER,
} from "../../protocol/index.ts";
import { sampleEvent } from "../../test/contract/brain/sample-event.ts";

/** Alarms of one batch, and events of each: one begin, updates, one end. */
const ALARMS = 5;
const EVENTS_PER_ALARM = 30;
const RETRY_MS = 100;

export interface LoadOptions {
  readonly nodeId: string;
  /** In turn, so that no camera begins more than storm protection lets it. */
  readonly cameraIds: readonly string[];
  readonly secret: string;
  readonly url: () => string | undefined;
  /** Events a second, at most. */
  readonly rate: number;
  readonly events: number;
  readonly signal: AbortSignal;
}

export class Load {
  /** Events that the brain said it has. */
  readonly acknowledged = new Set<string>();
  /** Answers other than 200, by status. */
  readonly refusals = new Map<string, number>();
  readonly rejected: string[] = [];
  readonly #options: LoadOptions;
  readonly #webhook: Webhook;
  #sent = 0;
  #alarms = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#webhook = new Webhook(options.secret);
  }

  async run(): Promise<void> {
    const { events, rate, signal } = this.#options;
    const startedAt = performance.now();
    while (this.#sent < events && !signal.aborted) {
      await this.#deliver(this.#batch());
      const dueMs = (this.#sent / rate) * 1000;
      await pause(Math.max(0, dueMs - (performance.now() - startedAt)));
    }
  }

  #batch(): readonly object[] {
    const { nodeId, cameraIds } = this.#options;
    return Array.from({ length: ALARMS }, () => {
      const alarmId = uuidv7();
      const cameraId = cameraIds[this.#alarms++ % cameraIds.length] ?? "";
      return Array.from({ length: EVENTS_PER_ALARM }, (_, index) => {
        const phase = index === 0 ? "new" : index === EVENTS_PER_ALARM - 1 ? "end" : "update";
        return sampleEvent({ nodeId, cameraId, alarmId, phase });
      });
    }).flat();
  }

  async #deliver(batch: readonly object[]): Promise<void> {
    const body = JSON.stringify(batch);
    this.#sent += batch.length;
    while (!this.#options.signal.aborted) {
      const answer = await this.#post(body);
      if (answer !== undefined) {
        for (const { id, outcome } of answer.results) {
          if (outcome === "rejected") {
            this.rejected.push(String(id));
          } else {
            this.acknowledged.add(String(id));
          }
        }
        return;
      }
      await pause(RETRY_MS);
    }
  }

  async #post(body: string): Promise<IntakeAnswer | undefined> {
    const { url, nodeId } = this.#options;
    const base = url();
    if (base === undefined) {
      return undefined;
    }
    const at = new Date();
    const id = `msg_${uuidv7()}`;
    try {
      const response = await fetch(`${base}/v1/events`, {
        method: "POST",
        body,
        signal: AbortSignal.timeout(10_000),
        headers: {
          "content-type": EVENT_BATCH_CONTENT_TYPE,
          [SENDER_HEADER]: nodeId,
          "webhook-id": id,
          "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
          "webhook-signature": this.#webhook.sign(id, at, body),
        },
      });
      if (response.ok) {
        return (await response.json()) as IntakeAnswer;
      }
      this.#refuse(String(response.status));
      await response.arrayBuffer();
    } catch {
      this.#refuse("connection");
    }
    return undefined;
  }

  #refuse(why: string): void {
    this.refusals.set(why, (this.refusals.get(why) ?? 0) + 1);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
