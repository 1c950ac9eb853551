/** Runs the demonstration as a user would, on free ports and in a folder of its own, and reads it. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseLedger, type LedgerLine } from "../../demo/department/index.ts";
import { preferPort, readState, type LauncherState } from "../../demo/launcher/index.ts";
import {
  caseDetailSchema,
  caseListSchema,
  healthViewSchema,
  type CaseDetail,
  type CaseSummary,
  type HealthView,
} from "../../protocol/index.ts";

const PROJECT = path.resolve(import.meta.dirname, "../..");
const START_MS = 120_000;

export class Demonstration {
  readonly dataDir: string;
  readonly #child: ChildProcess;
  #output = "";

  private constructor(dataDir: string, child: ChildProcess) {
    this.dataDir = dataDir;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-8000);
      });
    }
  }

  /** Starts it and resolves when the control room answers. */
  static async start(...args: readonly string[]): Promise<Demonstration> {
    const dataDir = mkdtempSync(path.join(os.tmpdir(), "sesb-demo-"));
    const port = await preferPort([]);
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "demo/main.ts", "--data-dir", dataDir, "--port", String(port), ...args],
      {
        cwd: PROJECT,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, INIT_CWD: PROJECT },
      },
    );
    const demonstration = new Demonstration(dataDir, child);
    try {
      await until(() => demonstration.state.readyAt !== undefined, START_MS, "the demonstration");
    } catch (error) {
      await demonstration.stop();
      throw new Error(`${(error as Error).message}:\n${demonstration.#output}`, { cause: error });
    }
    return demonstration;
  }

  /** What the launcher has written last; empty-handed before it has written anything. */
  get state(): Partial<LauncherState> {
    if (this.#child.exitCode !== null) {
      throw new Error(`The demonstration ended with ${this.#child.exitCode}`);
    }
    return readState(this.dataDir) ?? {};
  }

  get url(): string {
    return this.state.controlRoomUrl?.replace(/\/$/, "") ?? "";
  }

  /** What the department has on disk. */
  get ledger(): readonly LedgerLine[] {
    const file = this.state.ledger;
    return file === undefined ? [] : parseLedger(readFileSync(file, "utf8"));
  }

  /** Lines of a child's log that are JSON objects. */
  log(child: string): readonly Record<string, unknown>[] {
    const file = this.state.children?.[child]?.log;
    return file === undefined ? [] : parseLines(readFileSync(file, "utf8"));
  }

  pidOf(child: string): number | undefined {
    const entry = this.state.children?.[child];
    return entry?.state === "running" ? entry.pid : undefined;
  }

  async health(): Promise<HealthView> {
    return healthViewSchema.parse(await this.#get("/v1/health"));
  }

  async cases(): Promise<CaseSummary[]> {
    const cases: CaseSummary[] = [];
    let before = "";
    for (;;) {
      const page = caseListSchema.parse(await this.#get(`/v1/cases?limit=100${before}`));
      cases.push(...page.items);
      if (page.next === null) {
        return cases;
      }
      before = `&before=${encodeURIComponent(page.next)}`;
    }
  }

  async case(id: string): Promise<CaseDetail> {
    return caseDetailSchema.parse(await this.#get(`/v1/cases/${id}`));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = new Promise((resolve) => this.#child.once("exit", resolve));
      this.#child.kill("SIGTERM");
      await ended;
    }
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #get(route: string): Promise<unknown> {
    const response = await fetch(`${this.url}${route}`);
    if (!response.ok) {
      throw new Error(`GET ${route} answered ${response.status}`);
    }
    return response.json();
  }
}

function parseLines(text: string): readonly Record<string, unknown>[] {
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return []; // A line of words, or one that is still being written.
    }
  });
}

/** Looks every 50 ms until the condition holds; `what` names it when it does not in time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  what: string,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`Waited ${withinMs / 1000} s for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
