/**
 * Fifteen departments' systems behind a port each: they check the signature, note when it came,
 * and answer, hang or refuse. They tell their ledger when they are asked for it.
 */
import { createServer, type IncomingHttpHeaders, request, Agent } from "node:http";
import type { AddressInfo } from "node:net";
import { parseWebhookSecret, signMessage } from "../../brain/directory/index.ts";
import { SENDER_HEADER, type TaskWebhook } from "../../protocol/index.ts";
import type { DepartmentsOrder, DepartmentsReport, Post } from "./orders.ts";

type Department = DepartmentsOrder["departments"][number];

const posts: Post[] = [];
const ackMs: number[] = [];
const ackStatuses: Record<string, number> = {};
let unverified = 0;
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

process.on("message", (message: DepartmentsOrder | "report") => {
  if (message === "report") {
    const report: DepartmentsReport = { posts, unverified, ackMs, ackStatuses };
    process.send?.(report);
  } else {
    void Promise.all(message.departments.map((one) => open(one, message))).then((urls) =>
      process.send?.(urls),
    );
  }
});
process.once("disconnect", () => process.exit(0));

function open(department: Department, order: DepartmentsOrder): Promise<string> {
  const key = parseWebhookSecret(department.secret, department.code);
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const at = performance.timeOrigin + performance.now();
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      count += 1;
      const status =
        department.behaviour === "hang"
          ? 0
          : department.behaviour === "refuse" && count % 4 === 0
            ? 503
            : 204;
      if (!isSigned(key, incoming.headers, body)) {
        unverified += 1;
      }
      const id = String(incoming.headers["webhook-id"]);
      const message = JSON.parse(body.toString()) as TaskWebhook;
      note(department, { id, status, at, message });
      if (status !== 0) {
        outgoing.writeHead(status).end();
      }
      if (status === 204 && order.acknowledgeAfterMs !== null) {
        setTimeout(() => acknowledge(department, key, id, message), order.acknowledgeAfterMs);
      }
    });
  });
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`);
    });
  });
}

function isSigned(key: Buffer, headers: IncomingHttpHeaders, body: Buffer): boolean {
  const expected = signMessage(
    key,
    String(headers["webhook-id"]),
    Number(headers["webhook-timestamp"]),
    body,
  );
  return String(headers["webhook-signature"]).split(" ").includes(expected);
}

function note(
  { code }: Department,
  come: {
    readonly id: string;
    readonly status: number;
    readonly at: number;
    readonly message: TaskWebhook;
  },
): void {
  const { data, timestamp } = come.message;
  posts.push({
    ...{ id: come.id, department: code, status: come.status, at: come.at },
    onset: Date.parse(data.onset),
    acceptedAt: Date.parse(data.reportedAt),
    writtenAt: Date.parse(timestamp),
  });
}

function acknowledge(
  { code }: Department,
  key: Buffer,
  deliveryId: string,
  { data }: TaskWebhook,
): void {
  const body = Buffer.from(
    JSON.stringify({
      deliveryId,
      decision: "accepted",
      reference: "R",
      at: new Date().toISOString(),
    }),
  );
  const timestampS = Math.floor(Date.now() / 1000);
  const startedMs = performance.now();
  const outgoing = request(data.acknowledgeUrl, {
    method: "POST",
    agent,
    headers: {
      "content-type": "application/json",
      "content-length": body.length,
      [SENDER_HEADER]: code,
      "webhook-id": deliveryId,
      "webhook-timestamp": String(timestampS),
      "webhook-signature": signMessage(key, deliveryId, timestampS, body),
    },
  });
  outgoing.once("response", (response) => {
    response.resume();
    ackMs.push(performance.now() - startedMs);
    const status = String(response.statusCode);
    ackStatuses[status] = (ackStatuses[status] ?? 0) + 1;
  });
  outgoing.once("error", () => {
    ackStatuses["0"] = (ackStatuses["0"] ?? 0) + 1;
  });
  outgoing.end(body);
}
