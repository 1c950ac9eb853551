/** Commands over HTTP, and a clock whose hours pass at a word. */
import { randomUUID } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Clock,
  EVENT_BATCH_CONTENT_TYPE,
  type DepartmentMessage,
  systemClock,
  type TaskWebhook,
} from "../../../protocol/index.ts";
import { type BrainBench, signedHeaders } from "./brain-bench.ts";

/** The system's clock, moved ahead: waits last as long as ever. */
export class ShiftedClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  wait(delayMs: number, signal?: AbortSignal): Promise<void> {
    return systemClock.wait(delayMs, signal);
  }

  shift(byMs: number): void {
    this.#aheadMs += byMs;
  }
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function post(
  bench: BrainBench,
  address: string,
  body: unknown,
  key: string = randomUUID(),
): Promise<Answer> {
  const response = await fetch(`${bench.url}${address}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", "idempotency-key": key },
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

export interface Signer {
  /** Department, or node. */
  readonly sender: string;
  readonly secret: string;
  readonly clock: Clock;
}

export async function postSigned(
  bench: BrainBench,
  { sender, secret, clock }: Signer,
  address: string,
  value: unknown,
  id: string = randomUUID(),
): Promise<Answer> {
  const body = JSON.stringify(value);
  const response = await fetch(`${bench.url}${address}`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      ...signedHeaders(body, { sender, secret, at: clock.now(), id }),
    },
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

/** Of the bench's node, at the time of the shifted clock. */
export async function sendEvent(bench: BrainBench, clock: Clock, event: unknown): Promise<void> {
  const body = JSON.stringify([event]);
  const signed = { sender: "node-1", secret: bench.nodeSecret, at: clock.now() };
  const response = await fetch(`${bench.url}/v1/events`, {
    method: "POST",
    body,
    headers: { "content-type": EVENT_BATCH_CONTENT_TYPE, ...signedHeaders(body, signed) },
  });
  if (response.status !== 200) {
    throw new Error(`expected 200, got ${response.status}: ${await response.text()}`);
  }
}

export interface Inbox extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly TaskWebhook["data"][];
}

/** A department that looks at no signature, so that its clock does not matter. */
export async function startInbox(): Promise<Inbox> {
  const received: TaskWebhook["data"][] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const message = JSON.parse(Buffer.concat(chunks).toString("utf8")) as DepartmentMessage;
      if (message.type === "task.dispatched") {
        received.push(message.data);
      }
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
