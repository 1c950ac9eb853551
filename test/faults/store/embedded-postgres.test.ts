import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openDatabase, silentLog, startEmbeddedPostgres } from "../../../brain/store/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import { BrainChild, isAlive, serverPidOf, untilGone, watchdogPidOf } from "./brain-child.ts";

const isRoot = process.getuid?.() === 0;
const onLinux = process.platform === "linux";
const common = { clock: systemClock, log: silentLog };
const NOBODY = { uid: 65_534, gid: 65_534 };

let dataDir: string;
/** A database made once; most tests begin with a copy of it. */
let template: string;
const children: BrainChild[] = [];

function startBrain(ids?: { uid: number; gid: number }): BrainChild {
  const child = new BrainChild(dataDir, ids);
  children.push(child);
  return child;
}

beforeAll(async () => {
  template = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-faults-"));
  await (await startEmbeddedPostgres({ ...common, dataDir: template })).close();
});

afterAll(async () => {
  await rm(template, { recursive: true, force: true });
});

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-faults-"));
});

function copyTemplate(): void {
  execFileSync("cp", ["-a", `${template}/.`, dataDir]);
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    await child.kill();
  }
  const serverPid = serverPidOf(dataDir);
  if (isAlive(serverPid) && readFileSync(`/proc/${String(serverPid)}/cmdline`).includes(dataDir)) {
    await untilGone(serverPid); // The watchdog is at it.
  }
  await rm(dataDir, { recursive: true, force: true });
});

/** A brain that has committed some rows, and the processes it started. */
async function workingBrain(): Promise<{ brain: BrainChild; server: number; watchdog: number }> {
  copyTemplate();
  const brain = startBrain();
  await brain.until("safe", ({ n }) => n === 20);
  return { brain, server: serverPidOf(dataDir), watchdog: watchdogPidOf(dataDir) };
}

/** Starts again, expects every committed row and an end in order. */
async function expectRowsAfterRestart(lastSafe: number, server?: number): Promise<BrainChild> {
  const next = startBrain();
  const open = await next.until("open");
  expect(open.found).toBeGreaterThanOrEqual(lastSafe);
  if (server !== undefined) {
    expect(serverPidOf(dataDir)).toBe(server);
  }
  const running = serverPidOf(dataDir);
  await next.end();
  expect(next.said.at(-1)).toEqual({ kind: "closed" });
  expect(isAlive(running)).toBe(false);
  return next;
}

describe.skipIf(!onLinux)("the embedded PostgreSQL", () => {
  it("does not outlive a brain that was killed, and keeps what was committed", async () => {
    const { brain, server } = await workingBrain();
    await brain.kill();
    await untilGone(server);
    await expectRowsAfterRestart(brain.lastSafe);
  });

  it("can be started again at the very moment the brain was killed", async () => {
    const { brain } = await workingBrain();
    await brain.kill();
    await expectRowsAfterRestart(brain.lastSafe);
  });

  it("is taken over when it was orphaned", async () => {
    const { brain, server, watchdog } = await workingBrain();
    process.kill(watchdog, "SIGKILL");
    await brain.kill();
    expect(isAlive(server)).toBe(true);
    const next = await expectRowsAfterRestart(brain.lastSafe, server);
    expect(next.said).toContainEqual(expect.objectContaining({ adopted: true }));
  });

  it("recovers when everything was killed at once, the server included", async () => {
    const { brain, server, watchdog } = await workingBrain();
    process.kill(watchdog, "SIGKILL");
    process.kill(server, "SIGKILL");
    await brain.kill();
    await expectRowsAfterRestart(brain.lastSafe);
  });

  it("is started again on the same port when it dies under a living brain", async () => {
    copyTemplate();
    const database = await openDatabase({ ...common, config: { dataDir } });
    await database.pool.query("create table kept (n int)");
    await database.pool.query("insert into kept values (1)");
    const first = serverPidOf(dataDir);
    process.kill(first, "SIGKILL");
    await untilGone(first);
    await vi.waitFor(
      async () => {
        // A session of the dead server may still answer one query.
        expect(serverPidOf(dataDir)).not.toBe(first);
        const { rows } = await database.pool.query("select n from kept");
        expect(rows).toEqual([{ n: 1 }]);
      },
      { timeout: 30_000, interval: 50 },
    );
    const second = serverPidOf(dataDir);
    await database.close();
    expect(isAlive(second)).toBe(false);
  });

  it("lets one of two brains in that start together, and tells the other who holds it", async () => {
    const both = [startBrain(), startBrain()];
    const ends = await Promise.all(
      both.map((brain) => Promise.any([brain.until("safe"), brain.until("failed")])),
    );
    expect(ends.map(({ kind }) => kind).sort()).toEqual(["failed", "safe"]);
    expect(ends.find(({ kind }) => kind === "failed")).toMatchObject({
      name: "PermanentError",
      text: expect.stringMatching(/in use by another brain.*process \d+ holds it/) as unknown,
    });
  });

  it.each([
    ["names a process of something else", () => Promise.resolve(process.pid)],
    ["names a zombie", zombie],
    ["names nobody", () => Promise.resolve(4_194_300)],
  ])("starts when a left-over postmaster.pid %s", async (_what, makePid) => {
    copyTemplate();
    const cluster = path.join(dataDir, "cluster");
    const pid = await makePid();
    const text = `${String(pid)}\n${cluster}\n1700000000\n5999\n\n127.0.0.1\n  1 1\nready   \n`;
    await writeFile(path.join(cluster, "postmaster.pid"), text, { mode: 0o600 });
    const server = await startEmbeddedPostgres({ ...common, dataDir });
    expect(server.adopted).toBe(false);
    await server.close();
  });

  it("starts after it was killed while the database was being made", async () => {
    const brain = startBrain();
    await brain.until("log", ({ message }) => String(message).startsWith("A new database is made"));
    await brain.kill();
    await mkdir(path.join(dataDir, "cluster.part", "base"), { recursive: true });
    await expectRowsAfterRestart(0);
  });

  it("keeps its password to itself and lets nobody in without it", async () => {
    copyTemplate();
    const server = await startEmbeddedPostgres({ ...common, dataDir });
    expect(statSync(path.join(dataDir, "password")).mode & 0o777).toBe(0o600);
    const url = new URL(server.connectionString);
    url.password = "";
    const client = new pg.Client({ connectionString: url.href });
    await expect(client.connect()).rejects.toThrow();
    await server.close();
  });

  it("names another major version of PostgreSQL instead of touching its files", async () => {
    copyTemplate();
    await writeFile(path.join(dataDir, "cluster", "PG_VERSION"), "14\n");
    await expect(startEmbeddedPostgres({ ...common, dataDir })).rejects.toThrow(
      /made by another PostgreSQL.*expected PostgreSQL 18.*got PostgreSQL 14/,
    );
  });
});

describe.skipIf(!onLinux || !isRoot)("the embedded PostgreSQL of a root user's brain", () => {
  it("runs as another user", async () => {
    copyTemplate();
    const server = await startEmbeddedPostgres({ ...common, dataDir });
    expect(statSync(`/proc/${String(server.serverPid)}`).uid).not.toBe(0);
    expect(statSync(path.join(dataDir)).uid).toBe(0);
    await server.close();
  });

  it("moves to a folder that this user can reach, and says so", async () => {
    const systemDir = path.join(dataDir, "system");
    const hidden = path.join(dataDir, "hidden");
    await mkdir(hidden, { mode: 0o700 });
    chmodSync(dataDir, 0o755);
    const warnings: object[] = [];
    const log = { ...silentLog, warn: (fields: object) => warnings.push(fields) };
    const options = { ...common, log, dataDir: path.join(hidden, "postgres"), systemDir };
    const server = await startEmbeddedPostgres(options);
    expect(warnings).toEqual([
      expect.objectContaining({
        wanted: path.join(hidden, "postgres"),
        folder: expect.stringContaining(systemDir) as unknown,
      }),
    ]);
    await server.close();
  });

  it("also runs for a user who is not root", async () => {
    await chown(dataDir, NOBODY.uid, NOBODY.gid);
    const brain = startBrain(NOBODY);
    await brain.until("safe", ({ n }) => n === 5);
    const server = serverPidOf(dataDir);
    expect(statSync(`/proc/${String(server)}`).uid).toBe(NOBODY.uid);
    await brain.kill();
    await untilGone(server);
    const again = startBrain(NOBODY);
    expect((await again.until("open")).found).toBeGreaterThanOrEqual(brain.lastSafe);
    await again.end();
    // Root comes later to the same folder: the files' owner stays the server's user.
    const asRoot = await startEmbeddedPostgres({ ...common, dataDir });
    expect(statSync(`/proc/${String(asRoot.serverPid)}`).uid).toBe(NOBODY.uid);
    await asRoot.close();
  });
});

/** A process that has ended and that its parent never asks about. */
async function zombie(): Promise<number> {
  const parent = spawn("/bin/sh", ["-c", "true & echo $!; exec sleep 60"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(chunk.toString("utf8"));
  await untilGone(pid);
  process.once("exit", () => parent.kill("SIGKILL"));
  return pid;
}
