/** What the machine can do at this moment: the bare session, measured beside every figure. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { firstFrame } from "./footage.ts";

const CHILD = path.join(import.meta.dirname, "bare-child.ts");

export class BareSession {
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  static async start(threads = 1): Promise<BareSession> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "sesb-bare-"));
    const frame = path.join(folder, "frame.i420");
    await writeFile(frame, await firstFrame());
    const child = fork(CHILD, [frame, String(threads)], { execArgv: ["--import", "tsx"] });
    await answerOf(child);
    return new BareSession(child, folder);
  }

  /** Frames per second over so many seconds; it does nothing in between. */
  async framesPerS(seconds: number): Promise<number> {
    const answer = answerOf(this.#child);
    this.#child.send(seconds);
    return answer;
  }

  async close(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function answerOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void =>
      reject(new Error(`The bare session ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (rate) => {
      child.off("exit", onExit);
      resolve(rate as number);
    });
  });
}
