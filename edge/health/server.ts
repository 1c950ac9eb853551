/** Metrics and health of a node on a loopback port: `/metrics`, `/healthz`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PermanentError } from "../../protocol/index.ts";
import type { NodeMetrics } from "./metrics.ts";

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws PermanentError PORT_IN_USE */
export async function serveHealth(
  port: number,
  metrics: NodeMetrics,
  health: () => { readonly ok: boolean; readonly body: unknown },
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0];
    if (path === "/metrics") {
      metrics.registry.metrics().then(
        (text) => {
          response.setHeader("content-type", metrics.registry.contentType).end(text);
        },
        (error: unknown) => {
          response.writeHead(500).end(String(error));
        },
      );
    } else if (path === "/healthz") {
      const { ok, body } = health();
      response
        .writeHead(ok ? 200 : 503, { "content-type": "application/json" })
        .end(JSON.stringify(body));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new PermanentError("PORT_IN_USE", "The node's metrics port is taken", {
              where: `127.0.0.1:${port}`,
              expected: "a free port in node.metricsPort, or 0",
            })
          : error,
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
