/**
 * The two servers that are compared: the one the brain starts itself, and the same PostgreSQL as
 * an administrator finds it, with the settings that `initdb` wrote and nothing else.
 */
import { spawn } from "node:child_process";
import { readlinkSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { silentLog, startEmbeddedPostgres } from "../../brain/store/index.ts";
import { systemClock } from "../../protocol/index.ts";
import { until } from "../support/demonstration.ts";

export type ServerKind = "embedded" | "stock";

export interface BenchServer extends AsyncDisposable {
  readonly connectionString: string;
  readonly pid: number;
}

export async function startServer(kind: ServerKind): Promise<BenchServer> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-intake-"));
  const embedded = await startEmbeddedPostgres({ dataDir, clock: systemClock, log: silentLog });
  const { connectionString, serverPid } = embedded;
  const remove = (): Promise<void> => rm(dataDir, { recursive: true, force: true });
  if (kind === "embedded") {
    return {
      connectionString,
      pid: serverPid,
      [Symbol.asyncDispose]: async () => {
        await embedded.close();
        await remove();
      },
    };
  }
  const binary = readlinkSync(`/proc/${serverPid}/exe`);
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ dir: string }>(
    "select current_setting('data_directory') as dir",
  );
  await client.end();
  await embedded.close();
  const dir = rows[0]?.dir ?? "";
  const stock = await startStock(binary, dir, connectionString);
  return {
    ...stock,
    [Symbol.asyncDispose]: async () => {
      await stock.stop();
      await remove();
    },
  };
}

async function startStock(binary: string, dir: string, embeddedUrl: string) {
  const { uid, gid } = statSync(dir);
  const port = await freePort();
  const child = spawn(binary, ["-D", dir, "-p", String(port), "-k", ""], {
    cwd: "/",
    uid,
    gid,
    stdio: "ignore",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = new URL(embeddedUrl);
  url.port = String(port);
  await until(() => answers(url.href), 30_000, "the stock server");
  return {
    connectionString: url.href,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill("SIGINT");
      await exited;
    },
  };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
