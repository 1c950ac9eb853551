/** Debian's redis-server on a port of its own, for tests. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { preferPort } from "../../demo/launcher/index.ts";

const BINARY = "redis-server";

/** Undefined where Redis can run; otherwise the reason to skip with. */
export const redisMissing: string | undefined =
  spawnSync(BINARY, ["--version"], { stdio: "ignore" }).status === 0
    ? undefined
    : "redis-server is not installed";

export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** SIGKILL; what was not on disk is gone. */
  kill(): Promise<void>;
  /** Again on the same port, after `kill`. */
  start(): Promise<void>;
  flushAll(): Promise<void>;
  close(): Promise<void>;
}

export async function startTestRedis(): Promise<TestRedis> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-redis-"));
  const port = await preferPort([]);
  const url = `redis://127.0.0.1:${String(port)}`;
  let child: ChildProcess | undefined;
  const onExit = (): void => {
    child?.kill("SIGKILL");
  };
  process.on("exit", onExit);

  const start = async (): Promise<void> => {
    const flags = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir];
    child = spawn(BINARY, [...flags, "--save", "", "--maxmemory-policy", "noeviction"], {
      stdio: "ignore",
    });
    await withClient(url, (client) => client.ping());
  };
  const kill = async (): Promise<void> => {
    const dying = child;
    child = undefined;
    if (dying !== undefined && dying.exitCode === null && dying.signalCode === null) {
      const gone = new Promise((resolve) => dying.once("exit", resolve));
      dying.kill("SIGKILL");
      await gone;
    }
  };
  const close = async (): Promise<void> => {
    await kill();
    process.off("exit", onExit);
    await rm(dir, { recursive: true, force: true });
  };
  await start();
  return {
    url,
    kill,
    start,
    flushAll: async () => {
      await withClient(url, (client) => client.flushall());
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Waits for the server: a client of Redis connects again until it is there. */
async function withClient(url: string, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: 500 });
  client.on("error", () => undefined); // Expected until the server listens.
  try {
    await work(client);
  } finally {
    client.disconnect();
  }
}
