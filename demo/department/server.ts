/** The department's door: `POST /hooks/{department}` and `GET /healthz`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AppError,
  type DeliveryId,
  type EpochMs,
  PermanentError,
  PING_TYPE,
  type TaskWebhook,
  toProblem,
  TransientError,
  WEBHOOK_BYTES,
  type Clock,
} from "../../protocol/index.ts";
import type { Acknowledger } from "./acknowledger.ts";
import { readMessage } from "./client.ts";
import type { Ledger, Received } from "./ledger.ts";

export interface DepartmentServerOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly acknowledger: Pick<Acknowledger, "take">;
  readonly secrets: ReadonlyMap<string, string>;
  readonly maxPending: number;
  readonly brainUrl?: string | undefined;
  readonly log: (message: string) => void;
}

export interface DepartmentServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws PermanentError PORT_IN_USE */
export async function startDepartmentServer(
  options: DepartmentServerOptions,
): Promise<DepartmentServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.log(`answering failed: ${String(error)}`);
      response.destroy();
    });
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function listen(server: Server, { host, port }: DepartmentServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new PermanentError("PORT_IN_USE", `Port ${String(port)} is in use`, { where: host })
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}

async function answer(
  options: DepartmentServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const [status, body] = await route(options, request);
    send(response, status, body);
  } catch (error) {
    if (!(error instanceof AppError)) {
      options.log(`a request failed: ${String(error)}`);
    }
    const problem =
      error instanceof AppError
        ? error
        : new TransientError("INTERNAL", "The department cannot answer now");
    // An unread body would be taken for the next request.
    response.setHeader("connection", "close");
    send(response, problem.httpStatus, toProblem(problem));
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (status === 503) {
    response.setHeader("retry-after", "2");
  }
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function route(
  options: DepartmentServerOptions,
  request: IncomingMessage,
): Promise<readonly [status: number, body: unknown]> {
  const path = (request.url ?? "/").split("?")[0] as string;
  if (request.method === "GET" && path === "/healthz") {
    return [200, { status: "ok", ...options.ledger.counts }];
  }
  const code = /^\/hooks\/([A-Z]{1,8})$/.exec(path)?.[1];
  const secret = code === undefined ? undefined : options.secrets.get(code);
  if (request.method !== "POST" || code === undefined || secret === undefined) {
    throw new PermanentError("NOT_FOUND", "There is nothing here", {
      where: `${request.method ?? ""} ${path}`,
      expected: "POST /hooks/{department}",
    });
  }
  const body = await readBody(request);
  const receivedAt = options.clock.now();
  const { deliveryId, message } = readMessage(secret, request.headers, body);
  if (message.data.department !== code) {
    throw new PermanentError("EVENT_INVALID", "The task is for another department", {
      where: "data.department",
      expected: code,
      got: message.data.department,
    });
  }
  if (message.type === PING_TYPE) {
    return [200, { received: true, repeated: false }];
  }
  if (message.type === "task.cancelled") {
    const { taskId, cause } = message.data;
    const line = { kind: "cancelled", id: deliveryId, taskId, at: receivedAt, cause } as const;
    const isNew = await options.ledger.cancel(line);
    return [200, { received: true, repeated: !isNew }];
  }
  const received = receivedOf(options, deliveryId, message, receivedAt);
  if (options.ledger.counts.unanswered >= options.maxPending) {
    throw new TransientError("UNAVAILABLE", "Too many tasks wait for an answer");
  }
  const isNew = await options.ledger.receive(received);
  if (isNew) {
    options.acknowledger.take(received);
  }
  return [200, { received: true, repeated: !isNew }];
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > WEBHOOK_BYTES) {
      throw new PermanentError("BODY_TOO_LARGE", "The webhook's body is too large", {
        where: "body",
        expected: `at most ${String(WEBHOOK_BYTES)} bytes`,
        got: `${String(bytes)} bytes or more`,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function receivedOf(
  options: DepartmentServerOptions,
  deliveryId: DeliveryId,
  { data }: TaskWebhook,
  receivedAt: EpochMs,
): Received {
  checkAnswerAddress(data.acknowledgeUrl, options.brainUrl);
  return {
    kind: "received",
    id: deliveryId,
    department: data.department,
    receivedAt,
    taskId: data.taskId,
    caseId: data.caseId,
    caseNumber: data.caseNumber,
    eventType: data.eventType,
    captureTime: data.captureTime,
    acknowledgeUrl: data.acknowledgeUrl,
  };
}

/** Whoever holds the secret could otherwise make this server call any address. */
function checkAnswerAddress(url: string, brainUrl: string | undefined): void {
  const origin = URL.canParse(url) ? new URL(url).origin : undefined;
  const expected = brainUrl === undefined ? undefined : new URL(brainUrl).origin;
  if (origin === undefined || (expected !== undefined && origin !== expected)) {
    throw new PermanentError("EVENT_INVALID", "The task names a wrong address for the answer", {
      where: "data.acknowledgeUrl",
      expected: expected === undefined ? "a URL" : `an address of ${expected}`,
      got: origin ?? "no URL",
    });
  }
}
