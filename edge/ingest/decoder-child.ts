import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import os from "node:os";
import type { Readable } from "node:stream";
import type { Clock } from "../../protocol/index.ts";
import { type ChildEnd, decoderMissing, startFailure } from "./ffmpeg-failure.ts";

/** Long enough for a TEARDOWN, so that cameras with few sessions get theirs back. */
const TERM_GRACE_MS = 1_000;

/** Part of util-linux, which every Debian has. */
const SETPRIV = "/usr/bin/setpriv";

/** Before inference (see edge/infer/priority.ts), after the node's main thread. */
const NICENESS = 3;

/** setpriv's exit codes for a program it could not execute. */
const NOT_EXECUTABLE = new Set([126, 127]);

/**
 * A child process that never outlives its owner: disposal ends and reaps it and closes its pipes,
 * and the kernel kills it when the thread that started it dies in any way, where setpriv can ask
 * for that. Elsewhere a child ends by EPIPE at its next picture, or by its socket timeout.
 */
export class DecoderChild implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<ChildEnd>;
  readonly #clock: Clock;

  constructor(binary: string, args: readonly string[], clock: Clock) {
    this.#clock = clock;
    const isBound = process.platform === "linux" && existsSync(SETPRIV);
    const command = isBound ? SETPRIV : binary;
    const prefix = isBound ? ["--pdeathsig", "KILL", "--", binary] : [];
    this.#child = spawn(command, [...prefix, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    yieldToOwner(this.#child.pid);
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once("error", (error) => reject(startFailure(binary, error)));
      this.#child.once("exit", (exitCode, signal) => {
        if (isBound && exitCode !== null && NOT_EXECUTABLE.has(exitCode)) {
          reject(decoderMissing(binary));
        } else {
          resolve({ exitCode, signal });
        }
      });
    });
    for (const pipe of [this.#child.stdout, this.#child.stderr] as (Readable | undefined)[]) {
      if (pipe === undefined) {
        // Node makes no pipes when the process has no file left to open.
        throw startFailure(binary, Object.assign(new Error("no pipes"), { code: "EMFILE" }));
      }
      // A pipe that breaks ends; what that means is told by the child's end.
      pipe.on("error", () => undefined);
    }
    // Whoever waits sees the rejection; until then it is not an unhandled one.
    this.#ended.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get stdout(): Readable {
    return this.#child.stdout;
  }

  get stderr(): Readable {
    return this.#child.stderr;
  }

  /**
   * Resolves when the child has ended by itself and all it said has been read; rejects with the
   * signal's reason, with `failure`, or when it could not be started.
   */
  async runUntil(signal: AbortSignal, failure: Promise<never>): Promise<ChildEnd> {
    const { promise: aborted, stop } = whenAborted(signal);
    try {
      const end = await Promise.race([this.#ended, failure, aborted]);
      await Promise.race([whenRead(this.stderr), aborted, failure]);
      return end;
    } finally {
      stop();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    // A child blocked in write() ends by EPIPE at once.
    child.stdout.destroy();
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      const grace = new AbortController();
      const kill = this.#clock.wait(TERM_GRACE_MS, grace.signal).then(
        () => child.kill("SIGKILL"),
        () => undefined,
      );
      await this.#ended.catch(() => undefined);
      grace.abort();
      await kill;
    }
    child.stderr.destroy();
  }
}

/** The thread that takes the pictures goes first: one that waits in a pipe only grows older. */
function yieldToOwner(pid: number | undefined): void {
  if (pid !== undefined) {
    try {
      os.setPriority(pid, NICENESS);
    } catch {
      // Gone already, or not allowed: the system's own fairness has to do.
    }
  }
}

function whenAborted(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  let stop = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    stop = () => signal.removeEventListener("abort", onAbort);
  });
  promise.catch(() => undefined);
  return { promise, stop };
}

function whenRead(stream: Readable): Promise<void> {
  return stream.readableEnded || stream.destroyed
    ? Promise.resolve()
    : new Promise((resolve) => {
        stream.once("close", resolve);
      });
}
