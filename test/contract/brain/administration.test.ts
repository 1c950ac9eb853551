import { writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { afterEach, describe, expect, it } from "vitest";
import type {
  CaseWorkView,
  DirectoryEditAnswer,
  DirectoryView,
  EndpointSecret,
  EndpointView,
  NodeSecret,
  PingAnswer,
  Problem,
  Proposal,
  TaskWebhook,
} from "../../../protocol/index.ts";
import {
  acknowledge,
  type BrainBench,
  eventually,
  getCases,
  getJson,
  newSecret,
  postEvents,
  sendEvents,
  signedHeaders,
  startBench,
} from "./brain-bench.ts";
import { openTestDatabase } from "./directory-bench.ts";
import { sampleEvent } from "./sample-event.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (let clean = cleanups.pop(); clean !== undefined; clean = cleanups.pop()) {
    await clean();
  }
});

interface Message {
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** Keeps what comes, whoever signed it. */
async function startReceiver(): Promise<{ url: string; messages: Message[]; status: number }> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      receiver.messages.push({
        headers: request.headers as Record<string, string>,
        text: Buffer.concat(chunks).toString("utf8"),
      });
      response.writeHead(receiver.status).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const { port } = server.address() as AddressInfo;
  const receiver = { url: `http://127.0.0.1:${port}/hook`, messages: [] as Message[], status: 204 };
  return receiver;
}

async function openBench(...args: Parameters<typeof startBench>): Promise<BrainBench> {
  const bench = await startBench(...args);
  cleanups.push(async () => bench[Symbol.asyncDispose]());
  return bench;
}

interface Sent<T> {
  readonly status: number;
  readonly body: T & Problem;
}

async function send<T>(
  bench: BrainBench,
  method: string,
  address: string,
  body?: object,
): Promise<Sent<T>> {
  const response = await fetch(`${bench.url}${address}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T & Problem };
}

const endpointOf = async (bench: BrainBench, department: string): Promise<EndpointView> => {
  const { items } = await getJson<{ items: EndpointView[] }>(bench, "/v1/endpoints");
  return items.find((one) => one.department === department) as EndpointView;
};

const isBy = (secret: string, { text, headers }: Message): boolean =>
  [Webhook, SvixWebhook].every((Library) => {
    try {
      new Library(secret).verify(text, headers);
      return true;
    } catch {
      return false;
    }
  });

describe("the rotation of an endpoint's secret", () => {
  it("signs with both during the overlap, takes answers by both, and ends early", async () => {
    const receiver = await startReceiver();
    const old = newSecret();
    const bench = await openBench({
      endpoints: ["GA", "ZZ"].map((department) => ({ department, url: receiver.url, secret: old })),
    });
    const rotate = { expectedVersion: 1, reason: "yearly", overlapH: 24 };
    const rotated = await send<EndpointSecret>(bench, "POST", "/v1/endpoints/GA/secret", rotate);
    expect(rotated.status).toBe(200);
    const { secret, endpoint } = rotated.body;
    expect(endpoint).toMatchObject({ version: 2, managedBy: "room" });
    expect(Date.parse(endpoint.overlapUntil ?? "")).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    const again = await send(bench, "POST", "/v1/endpoints/GA/secret", rotate);
    expect(again.body.code).toBe("VERSION_STALE");

    await sendEvents(bench, [sampleEvent(), sampleEvent()]);
    await eventually(
      () => Promise.resolve(receiver.messages.length),
      (count) => count >= 2,
    );
    for (const message of receiver.messages) {
      expect(message.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
      expect([isBy(old, message), isBy(secret, message)]).toEqual([true, true]);
    }
    for (const [index, by] of [old, secret].entries()) {
      const { headers, text } = receiver.messages[index] as Message;
      const { data } = JSON.parse(text) as TaskWebhook;
      const answer = await acknowledge(bench, {
        ...{ department: "GA", secret: by, taskId: data.taskId },
        deliveryId: headers["webhook-id"] as string,
      });
      expect(answer.status).toBe(200);
    }

    const end = { expectedVersion: 2, reason: "the department has changed" };
    const ended = await send<EndpointView>(bench, "POST", "/v1/endpoints/GA/overlap-end", end);
    expect(ended.body.overlapUntil).toBeNull();
    await sendEvents(bench, [sampleEvent()]);
    await eventually(
      () => Promise.resolve(receiver.messages.length),
      (count) => count >= 3,
    );
    const last = receiver.messages.at(-1) as Message;
    expect([isBy(old, last), isBy(secret, last)]).toEqual([false, true]);
    const late = JSON.parse(last.text) as TaskWebhook;
    const refused = await acknowledge(bench, {
      ...{ department: "GA", secret: old, taskId: late.data.taskId },
      deliveryId: last.headers["webhook-id"] as string,
    });
    expect(refused.status).toBe(401);
  });

  it("outlives a start, reaches another brain, and shows no secret in list, audit or database", async () => {
    const receiver = await startReceiver();
    const old = newSecret();
    const bench = await openBench({
      endpoints: [{ department: "ZZ", url: receiver.url, secret: old }],
    });
    const { body } = await send<EndpointSecret>(bench, "POST", "/v1/endpoints/ZZ/secret", {
      ...{ expectedVersion: 1, reason: "a secret was seen", overlapH: 0 },
    });
    await bench.restart();
    const pinged = await send<PingAnswer>(bench, "POST", "/v1/endpoints/ZZ/ping");
    expect(pinged.body).toMatchObject({ status: 204, error: null });
    const message = receiver.messages.at(-1) as Message;
    expect(JSON.parse(message.text)).toMatchObject({ type: "endpoint.ping" });
    expect([isBy(old, message), isBy(body.secret, message)]).toEqual([false, true]);

    const database = await openTestDatabase(bench.postgres);
    cleanups.push(() => database.close());
    const { db } = database;
    const kept = JSON.stringify([
      await db.selectFrom("endpoint").selectAll().execute(),
      await db.selectFrom("audit").selectAll().execute(),
      await getJson(bench, "/v1/endpoints"),
      await getJson(bench, "/v1/node-secrets"),
    ]);
    for (const secret of [old, body.secret, bench.nodeSecret]) {
      expect(kept).not.toContain(secret);
      expect(kept).not.toContain(secret.slice(6));
    }
    expect(kept).toContain("endpoint.rotate");
    expect(kept).toContain("a secret was seen");
  });

  it("of a node lets it sign with either until the overlap ends", async () => {
    const bench = await openBench({ endpoints: [] });
    const { body } = await send<NodeSecret>(bench, "POST", "/v1/node-secrets/node-1", {
      ...{ expectedVersion: 1, reason: "yearly" },
    });
    const by = async (secret: string): Promise<number> => {
      const events = [sampleEvent()];
      const signed = signedHeaders(JSON.stringify(events), { sender: "node-1", secret });
      return (await postEvents(bench, events, signed)).status;
    };
    expect([await by(bench.nodeSecret), await by(body.secret)]).toEqual([200, 200]);
    await send(bench, "POST", "/v1/node-secrets/node-1/overlap-end", {
      ...{ expectedVersion: 2, reason: "it has changed" },
    });
    expect([await by(bench.nodeSecret), await by(body.secret)]).toEqual([401, 200]);
  });
});

describe("endpoints in the control room", () => {
  it("rule over the directory file, whose later changes are told and not applied", async () => {
    const receiver = await startReceiver();
    const bench = await openBench({
      endpoints: [{ department: "GA", url: "http://127.0.0.1:1/", secret: newSecret() }],
    });
    const moved = await send<EndpointView>(bench, "PATCH", "/v1/endpoints/GA", {
      ...{ expectedVersion: 1, reason: "new server", url: receiver.url },
    });
    expect(moved.body).toMatchObject({ url: receiver.url, managedBy: "room", fileDiffers: null });
    await bench.restart();
    expect(await endpointOf(bench, "GA")).toMatchObject({ url: receiver.url, fileDiffers: null });

    await writeFile(path.join(bench.dir, "GA.secret"), newSecret());
    await bench.restart();
    const { fileDiffers, url, version } = await endpointOf(bench, "GA");
    expect(url).toBe(receiver.url);
    expect(fileDiffers).toMatchObject({ what: ["secret"] });
    const noted = await send<EndpointView>(bench, "PATCH", "/v1/endpoints/GA", {
      ...{ expectedVersion: version, reason: "known", fileNoted: true },
    });
    expect(noted.body.fileDiffers).toBeNull();
    await bench.restart();
    expect((await endpointOf(bench, "GA")).fileDiffers).toBeNull();
  });

  it("are added, disabled so that the hub takes over, and never sent to forbidden addresses", async () => {
    const [hub, own] = [await startReceiver(), await startReceiver()];
    const bench = await openBench({
      endpoints: [{ department: "ZZ", url: hub.url, secret: newSecret() }],
    });
    for (const url of ["http://10.1.2.3/hook", "http://169.254.169.254/latest"]) {
      const refused = await send(bench, "POST", "/v1/endpoints", {
        ...{ department: "GA", url, reason: "new" },
      });
      expect(refused.body.code).toBe("COMMAND_REFUSED");
    }
    const wish = { department: "GA", url: own.url, reason: "connected" };
    expect((await send(bench, "POST", "/v1/endpoints", wish)).status).toBe(201);
    expect((await send(bench, "POST", "/v1/endpoints", wish)).body.code).toBe("STATE_CONFLICT");
    own.status = 503;
    await sendEvents(bench, [sampleEvent()]);
    await eventually(
      () => Promise.resolve(own.messages.length),
      (count) => count > 0,
    );
    const disable = { reason: "moving house", enabled: false };
    const { version } = await endpointOf(bench, "GA");
    const off = await send<EndpointView>(bench, "PATCH", "/v1/endpoints/GA", {
      ...{ ...disable, expectedVersion: version },
    });
    expect(off.body).toMatchObject({ enabled: false, disabledReason: "moving house" });
    await eventually(
      () => Promise.resolve(hub.messages.map(({ text }) => text).join()),
      (text) => text.includes('"department":"GA"'),
    );
    const hubOff = await send(bench, "PATCH", "/v1/endpoints/ZZ", {
      ...{ ...disable, expectedVersion: 1 },
    });
    expect(hubOff.body.code).toBe("STATE_CONFLICT");
    own.status = 302;
    const ping = await send<PingAnswer>(bench, "POST", "/v1/endpoints/GA/ping");
    expect(ping.body).toMatchObject({ status: 302 });
    expect(ping.body.error).toContain("redirects are never followed");
  });
});

describe("the directory in the control room", () => {
  const openTown = (): Promise<BrainBench> =>
    openBench({ endpoints: [], config: { town: "demo/town" } });
  const look = (bench: BrainBench): Promise<DirectoryView> => getJson(bench, "/v1/directory");

  it("routes a type in an area to another department, at once and for new cases", async () => {
    const receiver = await startReceiver();
    const bench = await openBench({
      endpoints: ["GA", "CG", "ZZ"].map((department) => ({
        ...{ department, url: receiver.url, secret: newSecret() },
      })),
      config: { town: "demo/town" },
    });
    const event = sampleEvent();
    const { type, location } = { type: "SEC.INTRUDE", location: "110101001003005" };
    const ask = (grid: string): Promise<Proposal> =>
      getJson(bench, `/v1/routing/proposal?eventType=${type}&gridCode=${grid}`);
    expect((await ask(location)).rule).toBeNull();
    const { version } = await look(bench);
    const rules = [
      { eventType: "SEC.*", area: "", lead: "GA", unit: "", co: [] },
      { eventType: type, area: location.slice(0, 12), lead: "CG", unit: "", co: ["GA"] },
    ];
    const edit = { expectedVersion: version, reason: "agreed on Monday", rules };
    const done = await send<DirectoryEditAnswer>(bench, "PUT", "/v1/routing", edit);
    expect(done.body).toMatchObject({ outcome: "imported", version: version + 1 });
    expect((await send(bench, "PUT", "/v1/routing", edit)).body.code).toBe("VERSION_STALE");
    const here = await ask(location);
    expect(here.rule).toMatchObject({ area: location.slice(0, 12) });
    expect(here.shares[0]).toMatchObject({ department: "CG", role: "lead", via: "own" });
    expect((await ask("110115009")).rule).toMatchObject({ eventType: "SEC.*" });

    await sendEvents(bench, [
      {
        ...event,
        data: { ...event.data, location: { ...event.data.location, gridCode: location } },
      },
    ]);
    const { items } = await eventually(
      () => getCases(bench),
      (list) => list.items.length === 1,
    );
    expect(items[0]).toMatchObject({ eventType: type, lead: "CG" });
    const work = await getJson<CaseWorkView>(bench, `/v1/cases/${items[0]?.id ?? ""}/work`);
    expect(work.routedCo).toEqual(["GA"]);
    expect((await look(bench)).history[0]).toMatchObject({ reason: "agreed on Monday" });
  });

  it("keeps contacts, disables with a reason, and removes no department with open tasks", async () => {
    const bench = await openTown();
    await sendEvents(bench, [sampleEvent()]);
    const list = await eventually(
      () => getCases(bench),
      ({ items }) => items.length === 1 && items[0]?.state !== "REPORTED",
    );
    const lead = list.items[0]?.lead as string;
    const before = await look(bench);
    const found = before.departments.find(({ code }) => code === lead);
    const { openTasks, ...department } = found as NonNullable<typeof found>;
    expect(openTasks).toBe(1);
    const address = `/v1/directory/departments/${lead}`;
    const removed = await send(bench, "DELETE", address, {
      ...{ expectedVersion: before.version, reason: "merged" },
    });
    expect(removed).toMatchObject({ status: 409, body: { code: "DEPARTMENT_IN_USE" } });
    const changed = await send<DirectoryEditAnswer>(bench, "PUT", address, {
      ...{ expectedVersion: before.version, reason: "reform" },
      department: { ...department, contact: "duty desk", disabled: "moves until Friday" },
    });
    expect(changed.body.outcome).toBe("imported");
    const type = list.items[0]?.eventType as string;
    const asked = await getJson<Proposal>(bench, `/v1/routing/proposal?eventType=${type}`);
    expect(asked.shares[0]?.disabled).toBe("moves until Friday");
    const text = await (await fetch(`${bench.url}/v1/directory/files/departments.csv`)).text();
    expect(text).toContain("duty desk");
  });

  it("takes a roster as a file, tells all that is wrong of it, and tries it first", async () => {
    const bench = await openTown();
    const address = "/v1/directory/files/roster.csv";
    const text = await (await fetch(`${bench.url}${address}`)).text();
    const { version } = await look(bench);
    const head = { expectedVersion: version, reason: "winter" };
    const wrong = text.replace(/\n([^,\n]+),/, "\nnobody,");
    const tried = await send<DirectoryEditAnswer>(bench, "PUT", address, {
      ...{ ...head, text: wrong, dryRun: true },
    });
    expect(tried.body.outcome).toBe("refused");
    expect(tried.body.problems.map(({ got }) => got)).toContain("nobody");
    expect((await send(bench, "PUT", address, { ...head, text: wrong })).body.code).toBe(
      "DIRECTORY_INVALID",
    );
    const rows = text.trimEnd().split("\n");
    const fewer = `${rows.slice(0, -1).join("\n")}\n`;
    const dry = await send<DirectoryEditAnswer>(bench, "PUT", address, {
      ...{ ...head, text: fewer, dryRun: true },
    });
    expect(dry.body).toMatchObject({ outcome: "tried", version });
    expect(dry.body.changes).toEqual([{ file: "roster.csv", added: 0, removed: 1 }]);
    const done = await send<DirectoryEditAnswer>(bench, "PUT", address, { ...head, text: fewer });
    expect(done.body).toMatchObject({ outcome: "imported", version: version + 1 });
  });

  it("begins with the catalogue where no town was imported", async () => {
    const bench = await openBench({ endpoints: [] });
    const rules = [{ eventType: "FIR.*", area: "", lead: "XF", unit: "", co: null }];
    const done = await send<DirectoryEditAnswer>(bench, "PUT", "/v1/routing", {
      ...{ expectedVersion: 0, reason: "first", rules },
    });
    expect(done.body).toMatchObject({ outcome: "imported", version: 1 });
    expect((await look(bench)).departments.length).toBe(15);
  });
});
