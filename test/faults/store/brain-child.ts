/** Starts `brain-process.ts` and waits for what it says. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../protocol/index.ts";

const SCRIPT = fileURLToPath(new URL("./brain-process.ts", import.meta.url));
const ROOT = path.resolve(path.dirname(SCRIPT), "../../..");
const TSX = fileURLToPath(import.meta.resolve("tsx"));

export interface Said {
  readonly kind: "log" | "open" | "safe" | "closed" | "failed";
  readonly [field: string]: unknown;
}

export class BrainChild {
  readonly said: Said[] = [];
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #listeners = new Set<() => void>();

  constructor(dataDir: string, ids?: { readonly uid: number; readonly gid: number }) {
    this.dataDir = dataDir;
    this.#child = spawn(process.execPath, ["--import", TSX, SCRIPT, dataDir], {
      cwd: ROOT,
      stdio: ["pipe", "pipe", "inherit"],
      env: { PATH: "/usr/bin:/bin", TMPDIR: "/tmp", HOME: "/nonexistent", TSX_DISABLE_CACHE: "1" },
      ...ids,
    });
    this.#exited = new Promise((resolve) => this.#child.once("close", () => resolve()));
    if (this.#child.stdout !== null) {
      createInterface(this.#child.stdout).on("line", (line) => this.#hear(line));
    }
    void this.#exited.then(() => this.#tell());
  }

  /** The first thing of this kind that it says, from now or earlier. */
  async until(kind: Said["kind"], matches: (said: Said) => boolean = () => true): Promise<Said> {
    for (;;) {
      const found = this.said.find((said) => said.kind === kind && matches(said));
      if (found !== undefined) {
        return found;
      }
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(
          `It ended without saying "${kind}": ${JSON.stringify(this.said.slice(-5))}`,
        );
      }
      await new Promise<void>((resolve) => {
        this.#listeners.add(resolve);
      });
    }
  }

  /** The last row known to be committed. */
  get lastSafe(): number {
    const last = this.said.findLast((said) => said.kind === "safe");
    return typeof last?.n === "number" ? last.n : 0;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }

  #hear(line: string): void {
    this.said.push(JSON.parse(line) as Said);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) {
      listener();
    }
    this.#listeners.clear();
  }
}

export function serverPidOf(dataDir: string): number {
  return firstNumberIn(path.join(dataDir, "cluster", "postmaster.pid"));
}

export function watchdogPidOf(dataDir: string): number {
  return firstNumberIn(path.join(dataDir, "watchdog.pid"));
}

function firstNumberIn(file: string): number {
  try {
    return Number(readFileSync(file, "utf8").split("\n")[0]);
  } catch {
    return 0;
  }
}

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "latin1");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

export async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) {
    await systemClock.wait(10);
  }
}
