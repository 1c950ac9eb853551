import http from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type CaseChanged,
  caseChangedSchema,
  subscriptionCreatedSchema,
} from "../../../protocol/index.ts";
import { type BrainBench, eventually, sendEvents, startBench } from "./brain-bench.ts";
import { sampleEvent } from "./sample-event.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (let clean = cleanups.pop(); clean !== undefined; clean = cleanups.pop()) {
    await clean();
  }
});

interface Subscriber {
  readonly url: string;
  readonly messages: { readonly text: string; readonly headers: Record<string, string> }[];
  status: number;
}

async function startSubscriber(): Promise<Subscriber> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      subscriber.messages.push({
        text: Buffer.concat(chunks).toString("utf8"),
        headers: request.headers as Record<string, string>,
      });
      response.writeHead(subscriber.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const subscriber: Subscriber = {
    url: `http://127.0.0.1:${port}/events`,
    messages: [],
    status: 200,
  };
  return subscriber;
}

async function subscribe(bench: BrainBench, body: object): Promise<Response> {
  return fetch(`${bench.url}/v1/subscriptions`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: bench.url },
    body: JSON.stringify(body),
  });
}

const eventsOf = ({ text }: { readonly text: string }): readonly CaseChanged[] =>
  z.array(caseChangedSchema).parse(JSON.parse(text));

describe("a subscriber", () => {
  it("is told of changes as signed CloudEvents, of its event types only, and misses none while away", async () => {
    const bench = await startBench({ endpoints: [] });
    cleanups.push(async () => bench[Symbol.asyncDispose]());
    const subscriber = await startSubscriber();
    const answer = await subscribe(bench, {
      name: "city-desk",
      url: subscriber.url,
      eventTypes: ["FIR.LANE"],
    });
    expect(answer.status).toBe(201);
    const { secret } = subscriptionCreatedSchema.parse(await answer.json());

    await sendEvents(bench, [sampleEvent({ code: "FIR.LANE" }), sampleEvent()]);
    await eventually(
      () => Promise.resolve(subscriber.messages.length),
      (count) => count > 0,
    );
    const [first] = subscriber.messages as [Subscriber["messages"][number]];
    expect(first.headers["content-type"]).toBe("application/cloudevents-batch+json");
    expect(() => new Webhook(secret).verify(first.text, first.headers)).not.toThrow();
    const told = eventsOf(first);
    expect(told.map(({ data }) => data.eventType)).toEqual(["FIR.LANE"]);

    subscriber.status = 503;
    await sendEvents(bench, [sampleEvent({ code: "FIR.LANE" })]);
    const before = subscriber.messages.length;
    await eventually(
      () => Promise.resolve(subscriber.messages.length),
      (count) => count > before,
    );
    subscriber.status = 200;
    await sendEvents(bench, [sampleEvent({ code: "FIR.LANE" })]);
    const cases = (): Set<string> =>
      new Set(subscriber.messages.flatMap(eventsOf).map(({ data }) => data.caseId));
    await eventually(
      () => Promise.resolve(cases().size),
      (count) => count === 3,
    );
    const list = await fetch(`${bench.url}/v1/subscriptions`).then((found) => found.json());
    expect(list).toMatchObject({ items: [{ name: "city-desk", failures: 0 }] });
  }, 60_000);

  it("has one name, and is gone when it is removed", async () => {
    const bench = await startBench({ endpoints: [] });
    cleanups.push(async () => bench[Symbol.asyncDispose]());
    const subscriber = await startSubscriber();
    const one = { name: "desk", url: subscriber.url };
    expect((await subscribe(bench, one)).status).toBe(201);
    expect((await subscribe(bench, one)).status).toBe(409);
    expect((await subscribe(bench, { ...one, name: "not a name" })).status).toBe(400);
    const remove = (): Promise<Response> =>
      fetch(`${bench.url}/v1/subscriptions/desk`, {
        method: "DELETE",
        headers: { origin: bench.url },
      });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
  }, 60_000);
});

describe("the CAP feed", () => {
  it("lists what changed last, and gives each case as a message", async () => {
    const bench = await startBench({ endpoints: [] });
    cleanups.push(async () => bench[Symbol.asyncDispose]());
    await sendEvents(bench, [sampleEvent({ code: "FIR.LANE" })]);
    const read = async (path: string): Promise<[string, string]> => {
      const response = await fetch(`${bench.url}${path}`);
      return [response.headers.get("content-type") ?? "", await response.text()];
    };
    const link = /href="(\/v1\/cap\/[^"]+)"/;
    const [type, feed] = await eventually(
      () => read("/v1/cap"),
      ([, text]) => link.test(text),
    );
    expect(type).toBe("application/atom+xml; charset=utf-8");
    const [messageType, message] = await read(link.exec(feed)?.[1] ?? "");
    expect(messageType).toBe("application/cap+xml; charset=utf-8");
    expect(message).toContain("<value>FIR.LANE</value>");
    expect((await fetch(`${bench.url}/v1/cap/${"0".repeat(8)}`)).status).toBe(404);
  }, 60_000);
});
