import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { demandPort, preferPort } from "../../../demo/launcher/index.ts";

describe("ports", () => {
  let server: Server;
  let taken: number;
  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    taken = (server.address() as AddressInfo).port;
  });
  afterEach(() => {
    server.close();
  });

  it("that are taken are refused with the option that changes them", async () => {
    await expect(demandPort(taken, "--port")).rejects.toThrow(
      new RegExp(`Port ${String(taken)} cannot be had.*npm start -- --port PORT`),
    );
  });

  it("that are only preferred give way to a free one", async () => {
    const port = await preferPort([taken]);
    expect(port).not.toBe(taken);
    expect(await demandPort(port, "--port")).toBe(port);
    expect(await preferPort([taken, port])).toBe(port);
  });
});
