import http from "node:http";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CaseSummary, caseSummarySchema, healthViewSchema } from "../../../protocol/index.ts";
import { type BrainBench, getCases, sendEvents, startBench, eventually } from "./brain-bench.ts";
import { sampleEvent } from "./sample-event.ts";

interface Message {
  readonly event: string;
  readonly id: number | undefined;
  readonly data: unknown;
}

/** Reads a stream until `enough`, then hangs up. */
async function readStream(
  bench: BrainBench,
  after: string | undefined,
  enough: (messages: readonly Message[]) => boolean,
  headers: Record<string, string> = {},
): Promise<Message[]> {
  const query = after === undefined ? "" : `?after=${after}`;
  const messages: Message[] = [];
  const request = http.get(`${bench.url}/v1/stream${query}`, { headers });
  await new Promise<void>((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (response) => {
      let rest = "";
      response.setEncoding("utf8");
      response.on("end", resolve);
      response.on("data", (chunk: string) => {
        const blocks = (rest + chunk).split("\n\n");
        rest = blocks.pop() ?? "";
        messages.push(...blocks.filter((block) => block.includes("event:")).map(parseBlock));
        if (enough(messages)) {
          resolve();
        }
      });
    });
  });
  request.destroy();
  return messages;
}

function parseBlock(block: string): Message {
  const field = (name: string): string | undefined =>
    block
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const id = field("id");
  return {
    event: field("event") ?? "",
    id: id === undefined ? undefined : Number(id),
    data: JSON.parse(field("data") ?? "null"),
  };
}

const casesOf = (messages: readonly Message[]): CaseSummary[] =>
  messages.filter(({ event }) => event === "case").map(({ data }) => caseSummarySchema.parse(data));

describe("the stream", () => {
  let bench: BrainBench;
  beforeAll(async () => {
    bench = await startBench({ endpoints: [] });
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
  });

  it("begins with health and ticks, and tells of a new case at once", async () => {
    const reading = readStream(
      bench,
      undefined,
      (messages) => casesOf(messages).length > 0 && messages.some(({ event }) => event === "tick"),
    );
    // The stream stands when its client is counted.
    await eventually(
      async () => (await fetch(`${bench.url}/metrics`)).text(),
      (text) => text.includes("sesb_stream_clients 1"),
    );
    await sendEvents(bench, [sampleEvent()]);
    const messages = await reading;
    expect(healthViewSchema.parse(messages[0]?.data).nodes[0]?.state).toBe("never");
    expect(casesOf(messages)[0]?.state).toBe("FILED");
  });

  it("resumes after any position without gap or double, under concurrent writers", async () => {
    const { streamPosition } = await getCases(bench);
    const total = 120;
    const writing = Promise.all(
      Array.from({ length: 12 }, () =>
        sendEvents(
          bench,
          Array.from({ length: total / 12 }, () => sampleEvent()),
        ),
      ),
    );
    const seen: Message[] = [];
    let position = streamPosition;
    const distinct = (): number => new Set(casesOf(seen).map(({ id }) => id)).size;
    while (distinct() < total) {
      // Hangs up after a few messages each time, as a bad line would.
      const part = await readStream(
        bench,
        position,
        (messages) =>
          casesOf(messages).length >= 7 || distinct() + casesOf(messages).length >= total,
      );
      const cases = part.filter(({ event }) => event === "case");
      seen.push(...cases);
      position = String(cases.at(-1)?.id ?? position);
    }
    await writing;
    const ids = seen.map(({ id }) => id as number);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(new Set(ids).size).toBe(ids.length);
    expect(distinct()).toBe(total);
  });

  it("prefers the position of a browser that reconnects to the one in its old address", async () => {
    const { streamPosition } = await getCases(bench);
    await sendEvents(bench, [sampleEvent()]);
    const messages = await readStream(bench, "0", (list) => casesOf(list).length > 0, {
      "last-event-id": streamPosition,
    });
    expect(messages.find(({ event }) => event === "case")?.id).toBe(Number(streamPosition) + 1);
  });

  it("gives positions that become visible in their order", async () => {
    const pool = new pg.Pool({ connectionString: bench.postgres.connectionString, max: 1 });
    const { rows } = await pool.query<{ holes: number }>(
      "select (max(position) - count(*))::int as holes from stream",
    );
    await pool.end();
    expect(rows[0]?.holes).toBe(0);
  });

  it("ends when the brain stops, so that a stop does not wait for its readers", async () => {
    const reading = readStream(bench, undefined, () => false);
    await eventually(
      async () => (await fetch(`${bench.url}/metrics`)).text(),
      (text) => text.includes("sesb_stream_clients 1"),
    );
    await bench.restart();
    expect((await reading).length).toBeGreaterThan(0);
  });
});
