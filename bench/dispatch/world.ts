/** PostgreSQL, Redis, fifteen departments and a brain, each a process of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Directory } from "../../config/index.ts";
import { catalogue } from "../../protocol/index.ts";
import { startTestRedis, type TestRedis } from "../../test/support/redis.ts";
import type { BrainOrder } from "../intake/brain-child.ts";
import { type BenchServer, startServer } from "../intake/server.ts";
import type { Behaviour, BenchNode, DepartmentsOrder, DepartmentsReport } from "./orders.ts";

const NODES = 20;
const CAMERAS_PER_NODE = 250;

export interface WorldOptions {
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  readonly acknowledgeAfterMs: number | null;
  /** Folder for profiles of the brain. */
  readonly profileDir?: string | undefined;
}

export class World implements AsyncDisposable {
  readonly nodes: readonly BenchNode[];
  readonly server: BenchServer;
  readonly secrets: ReadonlyMap<string, string>;
  readonly #dir: string;
  readonly #redis: TestRedis;
  readonly #departments: ChildProcess;
  readonly #order: BrainOrder;
  readonly #flags: readonly string[];
  #brain: ChildProcess | undefined;

  private constructor(parts: {
    readonly nodes: readonly BenchNode[];
    readonly server: BenchServer;
    readonly secrets: ReadonlyMap<string, string>;
    readonly dir: string;
    readonly redis: TestRedis;
    readonly departments: ChildProcess;
    readonly order: BrainOrder;
    readonly flags: readonly string[];
  }) {
    this.nodes = parts.nodes;
    this.server = parts.server;
    this.secrets = parts.secrets;
    this.#dir = parts.dir;
    this.#redis = parts.redis;
    this.#departments = parts.departments;
    this.#order = parts.order;
    this.#flags = parts.flags;
  }

  static async create(options: WorldOptions): Promise<World> {
    const dir = await mkdtemp(path.join(os.tmpdir(), "sesb-dispatch-"));
    const server = await startServer("embedded");
    const redis = await startTestRedis();
    const nodes = Array.from({ length: NODES }, (_, index) => ({
      id: `node-${String(index)}`,
      secret: newSecret(),
      cameraIds: Array.from({ length: CAMERAS_PER_NODE }, (_cell, at) => `cam-${String(at)}`),
    }));
    const codes = catalogue.departments.map(({ code }) => code);
    const secrets = new Map<string, string>(codes.map((code) => [code, newSecret()]));
    const { child, urls } = await startDepartments({
      acknowledgeAfterMs: options.acknowledgeAfterMs,
      departments: codes.map((code) => ({
        code,
        secret: secrets.get(code) ?? "",
        behaviour: options.behaviours[code] ?? "answer",
      })),
    });
    const order = await brainOrder(dir, {
      nodes,
      endpoints: codes.map((code, index) => ({
        ...{ department: code, url: urls[index] ?? "", secret: secrets.get(code) ?? "" },
      })),
      databaseUrl: server.connectionString,
      redisUrl: redis.url,
    });
    const flags =
      options.profileDir === undefined
        ? []
        : ["--cpu-prof", `--cpu-prof-dir=${path.resolve(options.profileDir)}`];
    return new World({ nodes, server, secrets, dir, redis, departments: child, order, flags });
  }

  get brainPid(): number {
    return this.#brain?.pid ?? 0;
  }

  /** @returns where it listens. */
  async startBrain(): Promise<string> {
    const script = path.join(import.meta.dirname, "../intake/brain-child.ts");
    const child = fork(script, { execArgv: [...process.execArgv, ...this.#flags] });
    this.#brain = child;
    child.send(this.#order);
    return answerOf<string>(child);
  }

  async stopBrain(): Promise<void> {
    const child = this.#brain;
    this.#brain = undefined;
    if (child !== undefined && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    }
  }

  async report(): Promise<DepartmentsReport> {
    this.#departments.send("report");
    return answerOf<DepartmentsReport>(this.#departments);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopBrain();
    this.#departments.disconnect();
    await this.#redis.close();
    await this.server[Symbol.asyncDispose]();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

async function startDepartments(order: DepartmentsOrder) {
  const child = fork(path.join(import.meta.dirname, "departments-child.ts"), {
    execArgv: process.execArgv,
  });
  child.send(order);
  return { child, urls: await answerOf<readonly string[]>(child) };
}

async function brainOrder(
  dir: string,
  given: {
    readonly nodes: readonly BenchNode[];
    readonly endpoints: readonly {
      readonly department: string;
      readonly url: string;
      readonly secret: string;
    }[];
    readonly databaseUrl: string;
    readonly redisUrl: string;
  },
): Promise<BrainOrder> {
  const secretFile = async (name: string, secret: string): Promise<string> => {
    const file = path.join(dir, name);
    await writeFile(file, secret);
    return file;
  };
  const directory = {
    nodes: await Promise.all(
      given.nodes.map(async ({ id, secret, cameraIds }) => ({
        ...{ id, secretFile: await secretFile(`${id}.secret`, secret) },
        cameras: cameraIds.map((cameraId) => ({
          ...{ id: cameraId, name: `Gate of ${cameraId}`, siteType: "square" },
          ...{ managingUnit: "Bench", purposes: ["public-safety"], retentionDays: 30 },
          ...{ signPosted: true, location: { lat: 39.8, lon: 116.5, crs: "WGS84" } },
        })),
      })),
    ),
    endpoints: await Promise.all(
      given.endpoints.map(async ({ department, url, secret }) => ({
        ...{ department, url, secretFile: await secretFile(`${department}.secret`, secret) },
      })),
    ),
  };
  return {
    directory: directory as unknown as Directory,
    config: {
      server: { port: 0 },
      database: { url: given.databaseUrl },
      jobs: { redisUrl: given.redisUrl },
      evidence: { dir: path.join(dir, "evidence") },
      security: { secretKeyFile: path.join(dir, "secret.key") },
      directory: path.join(dir, "directory.yaml"),
    },
  };
}

function newSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

export function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      reject(new Error(`a child ended with ${String(code)}`));
    };
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as T);
    });
  });
}
