/** A department's system for tests: a real HTTP server that remembers what it was sent. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import {
  departmentMessageSchema,
  type TaskCancelled,
  type TaskWebhook,
} from "../../../protocol/index.ts";

export interface Received {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly message: TaskWebhook;
}

export type Behaviour = (received: Received, response: http.ServerResponse) => void;

export interface Department extends AsyncDisposable {
  readonly url: string;
  /** Tasks. */
  readonly received: readonly Received[];
  /** Tasks that were taken back. */
  readonly cancelled: readonly TaskCancelled[];
  /** How the next requests are answered; 204 at first. */
  behave(behaviour: Behaviour): void;
  /** Resolves with the request of that number, counted from 1. */
  nth(number: number): Promise<Received>;
  close(): Promise<void>;
}

export const answer =
  (status: number, headers: http.OutgoingHttpHeaders = {}): Behaviour =>
  (_received, response) => {
    response.writeHead(status, headers).end();
  };

/** Verifies every signature with an implementation that is not the brain's. */
export async function startDepartment(secret: string, port = 0): Promise<Department> {
  const received: Received[] = [];
  const cancelled: TaskCancelled[] = [];
  const waiting: { number: number; resolve: (value: Received) => void }[] = [];
  let behaviour: Behaviour = answer(204);
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const headers = request.headers as Record<string, string>;
      const body = new Webhook(secret).verify(text, headers);
      const message = departmentMessageSchema.parse(body);
      if (message.type === "task.cancelled") {
        cancelled.push(message);
        response.writeHead(204).end();
        return;
      }
      const entry: Received = {
        id: headers["webhook-id"] as string,
        headers,
        text,
        message,
      };
      received.push(entry);
      behaviour(entry, response);
      for (const waiter of waiting.filter(({ number }) => number === received.length)) {
        waiter.resolve(entry);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    cancelled,
    behave: (next) => {
      behaviour = next;
    },
    nth: (number) => {
      const present = received[number - 1];
      return present === undefined
        ? new Promise((resolve) => waiting.push({ number, resolve }))
        : Promise.resolve(present);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
