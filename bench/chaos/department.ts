/** A department that takes every webhook and keeps a ledger of what it would have done. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export interface Effect {
  readonly caseId: string;
  /** `webhook-id`s under which the task came; one, however often it was sent. */
  readonly ids: Set<string>;
}

export class LedgerDepartment {
  /** By task. */
  readonly effects = new Map<string, Effect>();
  posts = 0;
  unverified = 0;
  readonly #server: http.Server;
  readonly #webhook: Webhook;

  private constructor(secret: string) {
    this.#webhook = new Webhook(secret);
    this.#server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("error", () => undefined);
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        response.writeHead(this.#take(text, request.headers) ? 204 : 400).end();
      });
    });
  }

  static async start(secret: string): Promise<LedgerDepartment> {
    const department = new LedgerDepartment(secret);
    await new Promise<void>((resolve) => department.#server.listen(0, "127.0.0.1", resolve));
    return department;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(text: string, headers: http.IncomingHttpHeaders): boolean {
    this.posts++;
    try {
      const message = this.#webhook.verify(text, headers as Record<string, string>) as {
        readonly data: { readonly taskId: string; readonly caseId: string };
      };
      const { taskId, caseId } = message.data;
      const effect = this.effects.get(taskId) ?? { caseId, ids: new Set<string>() };
      effect.ids.add(String(headers["webhook-id"]));
      this.effects.set(taskId, effect);
      return true;
    } catch {
      this.unverified++;
      return false;
    }
  }
}
