import net, { type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { problemSchema } from "../../../protocol/index.ts";
import {
  eventually,
  getCases,
  newSecret,
  postEvents,
  sendEvents,
  startBench,
} from "../../contract/brain/brain-bench.ts";
import { startDepartment } from "../../contract/brain/department.ts";
import { sampleEvent } from "../../contract/brain/sample-event.ts";
import { startTestPostgres } from "../../support/postgres.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let clean = cleanups.pop(); clean !== undefined; clean = cleanups.pop()) {
    await clean();
  }
});

/** A way to the database that can be cut and mended. */
async function startCable(target: number): Promise<{
  readonly port: number;
  cut(): Promise<void>;
  mend(): Promise<void>;
}> {
  const sockets = new Set<net.Socket>();
  const create = (): net.Server =>
    net.createServer((near) => {
      const far = net.connect(target, "127.0.0.1");
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.on("close", () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
  let server = create();
  const open = (port: number): Promise<void> =>
    new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  await open(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        sockets.forEach((socket) => socket.destroy());
      }),
    mend: () => {
      server = create();
      return open(port);
    },
  };
}

describe("a brain whose database goes away", () => {
  it("answers 503 with nothing half done, stays alive, and goes on when it is back", async () => {
    const secret = newSecret();
    const police = await startDepartment(secret);
    cleanups.push(() => police.close());
    const postgres = await startTestPostgres({ migrated: true });
    cleanups.push(() => postgres.close());
    const address = new URL(postgres.connectionString);
    const cable = await startCable(Number(address.port));
    cleanups.push(() => cable.cut());
    address.port = String(cable.port);
    const bench = await startBench({
      endpoints: [{ department: "GA", url: police.url, secret }],
      config: { database: { url: address.href } },
    });
    cleanups.push(async () => bench[Symbol.asyncDispose]());

    await sendEvents(bench, [sampleEvent()]);
    await police.nth(1);
    await cable.cut();
    const event = sampleEvent();
    const refused = await postEvents(bench, [event]);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(problemSchema.parse(await refused.json()).code).toBe("UNAVAILABLE");
    expect((await fetch(`${bench.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${bench.url}/readyz`)).status).toBe(503);
    await cable.mend();
    const answer = await eventually(
      () => postEvents(bench, [event]),
      (response) => response.status === 200,
    );
    expect(await answer.json()).toMatchObject({ results: [{ outcome: "accepted" }] });
    await police.nth(2);
    await eventually(
      () => getCases(bench),
      ({ counts }) => counts["DISPATCHED"] === 2,
      30_000,
    );
  });
});
