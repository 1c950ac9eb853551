/** The product's camera server, in a process of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = path.resolve(import.meta.dirname, "../../demo/camera-server/main.ts");
const CACHE = path.resolve(import.meta.dirname, "../../.cache/bench/served");

export class CameraFarm {
  readonly urls: readonly string[];
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, urls: readonly string[]) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.urls = urls;
  }

  /** @param clips one camera for each; the same file may serve several. */
  static async start(clips: readonly string[]): Promise<CameraFarm> {
    const mounts = clips.map((clip, index) => `cam-${index}=${clip}`);
    const args = ["--port", "0", "--report", "--exit-with-stdin", "--cache", CACHE, ...mounts];
    const child = spawn(process.execPath, ["--import", "tsx", PROGRAM, ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    const listening = new Promise<readonly string[]>((resolve, reject) => {
      lines.on("line", (line) => {
        const report = JSON.parse(line) as { kind: string; urls?: readonly string[] };
        if (report.kind === "listening") {
          resolve(report.urls ?? []);
        }
      });
      child.once("exit", (code) => reject(new Error(`The camera server ended with ${code}`)));
    });
    return new CameraFarm(child, await listening);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.stdin?.end();
      await ended;
    }
  }
}
