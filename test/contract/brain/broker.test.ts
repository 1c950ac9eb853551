/** Changed cases over MQTT: a real broker on a real socket that goes away and comes back. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net, { type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { Aedes } from "aedes";
import { afterEach, describe, expect, it } from "vitest";
import { caseChangedSchema, type CaseChanged } from "../../../protocol/index.ts";
import { eventually, getCases, getJson, sendEvents, startBench } from "./brain-bench.ts";
import { post } from "./casework-bench.ts";
import { sampleEvent } from "./sample-event.ts";

interface TestBroker {
  readonly port: number;
  readonly events: CaseChanged[];
  readonly topics: Set<string>;
  /** Of every connection. */
  readonly clientIds: string[];
  close(): Promise<void>;
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (let clean = cleanups.pop(); clean !== undefined; clean = cleanups.pop()) {
    await clean();
  }
});

async function startBroker(port = 0): Promise<TestBroker> {
  const aedes = await Aedes.createBroker();
  const [events, topics] = [[] as CaseChanged[], new Set<string>()];
  const clientIds: string[] = [];
  aedes.on("client", ({ id }) => clientIds.push(id));
  aedes.authenticate = (_client, username, password, done) => {
    done(null, username === "brain" && password?.toString() === "secret word");
  };
  aedes.on("publish", (packet, client) => {
    if (client !== null) {
      expect(packet.qos).toBe(1);
      topics.add(packet.topic);
      events.push(caseChangedSchema.parse(JSON.parse(packet.payload.toString())));
    }
  });
  const server = net.createServer(aedes.handle);
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) {
      closed = true;
      await new Promise<void>((done) => aedes.close(done));
      await new Promise((done) => server.close(done));
    }
  };
  cleanups.push(close);
  return { port: (server.address() as AddressInfo).port, events, topics, clientIds, close };
}

describe("a broker", () => {
  it("is told of every changed case, and misses none while it is away", async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-mqtt-"));
    cleanups.push(() => rm(dir, { recursive: true }));
    await writeFile(`${dir}/password`, "secret word\n");
    const first = await startBroker();
    const url = `mqtt://127.0.0.1:${first.port}`;
    const mqtt = { url, topic: "town/cases", username: "brain", passwordFile: `${dir}/password` };
    const bench = await startBench({ endpoints: [], config: { mqtt } });
    cleanups.push(async () => bench[Symbol.asyncDispose]());
    await sendEvents(bench, [sampleEvent(), sampleEvent({ code: "FIR.LANE" })]);
    await eventually(
      () => Promise.resolve([...first.topics].sort()),
      (topics) => topics.length === 2,
    );
    expect([...first.topics].sort()).toEqual(["town/cases/FIR.LANE", "town/cases/SEC.INTRUDE"]);

    await first.close();
    await sendEvents(bench, [sampleEvent(), sampleEvent()]);
    const { items } = await eventually(
      () => getCases(bench),
      (list) => list.items.length === 4,
    );
    const second = await startBroker(first.port);
    await eventually(
      () =>
        Promise.resolve(
          new Set([...first.events, ...second.events].map(({ data }) => data.caseId)).size,
        ),
      (count) => count === 4,
      40_000,
    );
    const told = new Set([...first.events, ...second.events].map(({ data }) => data.caseId));
    expect(items.every(({ id }) => told.has(id))).toBe(true);
  }, 90_000);

  it("is known by another client id at each replica, and meets no subscription named mqtt", async () => {
    const broker = await startBroker();
    const dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-mqtt-"));
    cleanups.push(() => rm(dir, { recursive: true }));
    await writeFile(`${dir}/password`, "secret word\n");
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const mqtt = { url, username: "brain", passwordFile: `${dir}/password` };
    const connected = async (count: number): Promise<void> => {
      await sendEvents(bench, [sampleEvent()]);
      await eventually(
        () => Promise.resolve(broker.clientIds.length),
        (ids) => ids === count,
      );
    };
    const bench = await startBench({ endpoints: [], config: { mqtt } });
    cleanups.push(async () => bench[Symbol.asyncDispose]());
    const own = { name: "mqtt", url: "http://127.0.0.1:1/", eventTypes: [] };
    expect(await post(bench, "/v1/subscriptions", own)).toMatchObject({ status: 201 });
    await connected(1);
    await bench.restart();
    await connected(2);
    expect(new Set(broker.clientIds).size).toBe(2);
    expect(broker.clientIds.every((id) => /^brain-[0-9a-f]{16}$/.test(id))).toBe(true);
    const address = `${bench.url}/v1/subscriptions/mqtt:broker`;
    expect((await fetch(address, { method: "DELETE" })).status).toBe(404);
    const { items } = await getJson<{ items: { name: string; transport: string }[] }>(
      bench,
      "/v1/subscriptions",
    );
    expect(items.map(({ name, transport }) => [name, transport])).toEqual([
      ["mqtt", "webhook"],
      ["mqtt:broker", "mqtt"],
    ]);
  }, 60_000);
});
