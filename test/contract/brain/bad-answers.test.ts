/** Answers of departments' systems that would harm a careless sender. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CaseDetail } from "../../../protocol/index.ts";
import {
  type BrainBench,
  eventually,
  getCase,
  getCases,
  newSecret,
  sendEvents,
  startBench,
} from "./brain-bench.ts";
import { sampleEvent } from "./sample-event.ts";

const LARGE_BYTES = 10 * 1_048_576;
let server: http.Server;
let bench: BrainBench;
let respond: (response: http.ServerResponse) => void;
let sentBytes = 0;
let trapped = 0;

beforeAll(async () => {
  server = http.createServer((request, response) => {
    request.resume();
    if (request.url === "/trap") {
      trapped += 1;
      response.writeHead(204).end();
      return;
    }
    request.on("end", () => respond(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/hook`;
  bench = await startBench({ endpoints: [{ department: "GA", url, secret: newSecret() }] });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function deliveredTo(satisfies: (found: CaseDetail) => boolean): Promise<CaseDetail> {
  const known = new Set((await getCases(bench)).items.map(({ id }) => id));
  await sendEvents(bench, [sampleEvent()]);
  const { items } = await eventually(
    () => getCases(bench),
    (list) => list.items.some(({ id }) => !known.has(id)),
  );
  const id = items.find((item) => !known.has(item.id))?.id ?? "";
  return eventually(() => getCase(bench, id), satisfies);
}

describe("an answer of a department's system", () => {
  it("of 10 MB counts by its status, and is not read to its end", async () => {
    let closed = false;
    respond = (response) => {
      response.writeHead(200, { "content-length": LARGE_BYTES });
      const block = Buffer.alloc(65_536, 0x61);
      const more = (): void => {
        while (!response.destroyed && sentBytes < LARGE_BYTES) {
          sentBytes += block.length;
          if (!response.write(block)) {
            response.once("drain", more);
            return;
          }
        }
        response.end();
      };
      response.on("close", () => {
        closed = true;
      });
      more();
    };
    const found = await deliveredTo(({ deliveries }) => deliveries[0]?.state === "DELIVERED");
    expect(found.deliveries[0]?.attempts).toMatchObject([{ status: 200, error: null }]);
    await eventually(
      () => Promise.resolve(closed),
      (isClosed) => isClosed,
    );
    expect(sentBytes).toBeLessThan(LARGE_BYTES);
  });

  it("that sends to a private address is not followed, and the operator sees why", async () => {
    const { port } = server.address() as AddressInfo;
    respond = (response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/trap` }).end();
    };
    const found = await deliveredTo(({ deliveries }) => (deliveries[0]?.attempts.length ?? 0) > 0);
    expect(found.deliveries[0]?.attempts[0]).toMatchObject({
      status: 307,
      error: "answered 307: redirects are never followed",
    });
    expect(trapped).toBe(0);
  });
});
