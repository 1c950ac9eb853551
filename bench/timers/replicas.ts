/** Starts, kills and ends replicas; keeps what they say of their lags. */
import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";

const SCRIPT = path.resolve(import.meta.dirname, "replica.ts");

export class Replicas implements AsyncDisposable {
  readonly #url: string;
  readonly #children = new Set<ChildProcess>();
  #lagsMs: number[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  /** Resolves when it works. */
  async start(): Promise<ChildProcess> {
    const child = fork(SCRIPT, [this.#url], { execArgv: ["--import", "tsx"] });
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    child.on("message", (lagsMs) => this.#lagsMs.push(...(lagsMs as number[])));
    await new Promise((resolve, reject) => {
      child.once("message", resolve);
      child.once("exit", (code) => reject(new Error(`a replica ended with ${String(code)}`)));
    });
    return child;
  }

  /** SIGKILL: it has no chance to give anything back. */
  async kill(child: ChildProcess): Promise<void> {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  get alive(): readonly ChildProcess[] {
    return [...this.#children];
  }

  /** Lags since the last call, ms. */
  takeLags(): number[] {
    const lagsMs = this.#lagsMs;
    this.#lagsMs = [];
    return lagsMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.alive.map((child) => {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.disconnect();
        return ended;
      }),
    );
  }
}
