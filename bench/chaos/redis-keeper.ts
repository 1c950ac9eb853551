/** A Redis that forgets everything when it is killed, as a cache may. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";

export class RedisKeeper {
  readonly url: string;
  readonly #port: number;
  readonly #dir: string;
  #child: ChildProcess;

  private constructor(port: number, dir: string) {
    this.#port = port;
    this.#dir = dir;
    this.url = `redis://127.0.0.1:${port}`;
    this.#child = this.#spawn();
  }

  static async start(dir: string): Promise<RedisKeeper> {
    return new RedisKeeper(await freePort(), dir);
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
    this.#child = this.#spawn();
  }

  async flush(): Promise<void> {
    const client = new Redis(this.url, { lazyConnect: true, maxRetriesPerRequest: 3 });
    client.on("error", () => undefined);
    await client.flushall().catch(() => undefined);
    client.disconnect();
  }

  async close(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  #spawn(): ChildProcess {
    const options = ["--port", String(this.#port), "--save", "", "--appendonly", "no"];
    return spawn("redis-server", [...options, "--bind", "127.0.0.1", "--dir", this.#dir], {
      stdio: "ignore",
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
