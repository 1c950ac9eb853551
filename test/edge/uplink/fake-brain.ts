import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { formatTime } from "../../../protocol/index.ts";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** Ids of a batch's events, empty for other requests. */
  readonly ids: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** How a request is met: an answer, or no answer at all (`silent`), or a cut connection. */
export type Script = (received: Received) => Answer | "silent" | "cut" | Promise<Answer>;

/** A real HTTP server on loopback that answers by script and remembers what it got. */
export class FakeBrain {
  readonly received: Received[] = [];
  readonly port: number;
  readonly #server: http.Server;
  readonly #scripts: Script[] = [];
  readonly #watchers = new Set<() => void>();
  #otherwise: Script = accept;

  private constructor(server: http.Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("request", (request, response) => void this.#serve(request, response));
  }

  static async start(port = 0): Promise<FakeBrain> {
    const server = http.createServer();
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return new FakeBrain(server);
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** The next requests are met by these, one each; later ones by the last `otherwise`. */
  next(...scripts: Script[]): void {
    this.#scripts.push(...scripts);
  }

  otherwise(script: Script): void {
    this.#otherwise = script;
  }

  /** Resolves once `count` requests have come in all; gives the last of them. */
  async until(count: number): Promise<Received> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
    return this.received[count - 1] as Received;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const body = Buffer.concat(chunks);
    const path = request.url ?? "";
    const ids = path === "/v1/events" ? idsOf(body) : [];
    const received = { method: request.method ?? "", path, headers: request.headers, body, ids };
    const script = this.#scripts.shift() ?? this.#otherwise;
    this.received.push(received);
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    watchers.forEach((watcher) => watcher());
    const answer = await script(received);
    if (answer === "cut") {
      request.socket.destroy();
    } else if (answer !== "silent") {
      const text =
        typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {});
      response.writeHead(answer.status, answer.headers);
      response.end(text);
    }
  }
}

export function accept({ ids }: Received): Answer {
  return results(ids.map((id) => ({ id, outcome: "accepted" })));
}

export function results(list: readonly object[]): Answer {
  return { status: 200, body: { acceptedAt: formatTime(0), results: list } };
}

/** The same answer to whatever comes. */
export function always(status: number, extra: Omit<Answer, "status"> = {}): Script {
  return () => ({ status, ...extra });
}

function idsOf(body: Buffer): string[] {
  return (JSON.parse(body.toString("utf8")) as { id: string }[]).map(({ id }) => id);
}
