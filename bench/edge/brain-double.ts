/** Accepts whatever a node sends, at once, and notes when each alarm's first event came. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  formatTime,
  parseEventType,
  parseTime,
  type IncidentEvent,
  type IntakeAnswer,
} from "../../protocol/index.ts";

export interface Arrival {
  readonly camera: string;
  readonly capturedAt: number;
  readonly arrivedAt: number;
}

export class BrainDouble {
  readonly arrivals: Arrival[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => {
      const arrivedAt = Date.now();
      void bodyOf(request).then((body) => {
        const answer = this.#answer(request.url ?? "", body, arrivedAt);
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(answer));
      });
    });
  }

  static async start(): Promise<BrainDouble> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new BrainDouble(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(url: string, body: string, arrivedAt: number): object {
    const at = formatTime(arrivedAt);
    if (!url.endsWith("/v1/events")) {
      return { receivedAt: at, answeredAt: at };
    }
    const events = JSON.parse(body) as readonly IncidentEvent[];
    for (const { type, data } of events) {
      if (parseEventType(type)?.phase === "new") {
        const capturedAt = parseTime(data.capture.at);
        this.arrivals.push({ camera: data.device.id, capturedAt, arrivedAt });
      }
    }
    const answer: IntakeAnswer = {
      acceptedAt: at,
      results: events.map(({ id }) => ({ id, outcome: "accepted" })),
    };
    return answer;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
