/** Starts an edge node for a measurement and reads what it tells of itself. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import type { CameraReport } from "../../protocol/index.ts";
import { BrainDouble } from "./brain-double.ts";
import { Metrics } from "./metrics-page.ts";
import type { NodeReply } from "./node-child.ts";
import { childrenOf, cpuOf } from "./process-usage.ts";
import { sum } from "./arithmetic.ts";

const CHILD = path.join(import.meta.dirname, "node-child.ts");

export interface NodeSetup {
  readonly sources: readonly string[];
  readonly gate: boolean;
  readonly maxFps?: number;
  readonly targetFps?: number;
  readonly workers?: number | "auto";
  readonly threads?: number | "auto";
  /** Many fields and lines, so that many alarms begin; otherwise one field is all there is. */
  readonly hasManyRules?: boolean;
}

/** CPU seconds used so far. */
export interface CpuTimes {
  readonly node: number;
  readonly decoders: number;
}

export class BenchNode {
  readonly brain: BrainDouble;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #metricsPort: number;

  private constructor(child: ChildProcess, brain: BrainDouble, folder: string, port: number) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.brain = brain;
    this.#folder = folder;
    this.#metricsPort = port;
  }

  static async start(setup: NodeSetup): Promise<BenchNode> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "sesb-bench-"));
    const brain = await BrainDouble.start();
    const file = path.join(folder, "edge.yaml");
    const secret = Buffer.alloc(32, 7).toString("base64");
    await writeFile(path.join(folder, "node.secret"), `whsec_${secret}\n`);
    const config = configOf(setup, brain.url);
    await writeFile(file, stringify(config, { aliasDuplicateObjects: false }));
    const child = fork(CHILD, [file], { execArgv: ["--import", "tsx"] });
    const reply = await replyOf(child);
    if (reply.kind !== "ready") {
      await brain.close();
      await rm(folder, { recursive: true, force: true });
      throw new Error(`The node did not start: ${JSON.stringify(reply)}`);
    }
    return new BenchNode(child, brain, folder, reply.metricsPort);
  }

  async metrics(): Promise<Metrics> {
    const response = await fetch(`http://127.0.0.1:${this.#metricsPort}/metrics`);
    return new Metrics(await response.text());
  }

  cpu(): CpuTimes {
    const decoders = childrenOf(this.pid).map(({ cpuS }) => cpuS);
    return { node: cpuOf(this.pid), decoders: sum(decoders) };
  }

  /** @returns the last counts of every camera, taken after everything has been closed. */
  async close(): Promise<readonly CameraReport[]> {
    const answer = replyOf(this.#child);
    this.#child.send("close");
    const reply = await answer;
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
    await this.brain.close();
    await rm(this.#folder, { recursive: true, force: true });
    return reply.kind === "closed" ? reply.cameras : [];
  }
}

async function replyOf(child: ChildProcess): Promise<NodeReply> {
  return new Promise((resolve) => {
    const onExit = (code: number | null): void =>
      resolve({ kind: "failed", reason: `the process ended with ${code}` });
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as NodeReply);
    });
  });
}

function configOf(setup: NodeSetup, brainUrl: string): object {
  const { maxFps = 10, targetFps = 5, gate, workers = "auto", threads = "auto" } = setup;
  return {
    node: { id: "bench", dataDir: "data" },
    brain: { url: brainUrl, secretFile: "node.secret", heartbeatS: 5 },
    model: { workers, threads, provider: process.env["SESB_BENCH_PROVIDER"] ?? "cpu" },
    cameras: setup.sources.map((source, index) => ({
      id: `cam-${index}`,
      name: `Camera ${index}`,
      source,
      maxFps,
      analysis: { gate, targetFps, minFps: Math.min(2, targetFps) },
      location: { lat: 0, lon: 0, crs: "WGS84" },
      purpose: "benchmark",
      rules: setup.hasManyRules === true ? manyRules() : [oneField()],
    })),
  };
}

const RULE = { eventType: "SEC.INTRUDE", classes: ["person", "car"], cooldownS: 0 };

function oneField(): object {
  return { id: "field", kind: "zone-intrusion", ...RULE, zone: rectangle(0, 0, 1, 1), clearS: 1 };
}

function manyRules(): object[] {
  const cells = Array.from({ length: 9 }, (_, cell) => [cell % 3, Math.floor(cell / 3)] as const);
  const zones = cells.map(([x, y]) => ({
    ...{ id: `zone-${x}-${y}`, kind: "zone-intrusion", ...RULE, dwellS: 0.2, clearS: 1 },
    zone: rectangle(x / 3, y / 3, (x + 1) / 3, (y + 1) / 3),
  }));
  const lines = [0.2, 0.4, 0.6, 0.8].map((x, index) => ({
    ...{ id: `line-${index}`, kind: "line-crossing", ...RULE },
    line: [
      [x, 1],
      [x, 0],
    ],
  }));
  return [...zones, ...lines];
}

function rectangle(left: number, top: number, right: number, bottom: number): number[][] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}
