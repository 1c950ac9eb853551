/** One child process that is kept running until it is told to stop. */
import { spawn, type ChildProcess } from "node:child_process";
import { PermanentError, type Clock } from "../../protocol/index.ts";
import type { RotatingLog } from "./rotating-log.ts";

export type ChildName = "camera-server" | "department" | "brain" | "edge";

export interface ChildSpec {
  readonly name: ChildName;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /**
   * How the child says that it can be used: a message `{ kind: "ready" }` on the IPC channel, or a
   * line on stdout. Details in the message or line are kept.
   */
  readonly readyLine?: (line: string) => boolean;
  /** What of its own children may be ended with it when it dies unexpectedly: all or none. */
  readonly endsGroup: boolean;
  /** Longest start, ms. */
  readonly readyWithinMs: number;
}

export type ChildState = "starting" | "running" | "waiting" | "stopped";

export interface ChildReport {
  readonly pid: number | undefined;
  readonly state: ChildState;
  /** Epoch ms at which it came into this state. */
  readonly since: number;
  readonly restarts: number;
}

/** The brain gives its own stop 20 s. */
const STOP_WITHIN_MS = 25_000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 10_000;
/** Having run this long, a child starts with the shortest pause again. */
const STEADY_MS = 30_000;
const LAST_WORDS_MS = 250;
/** A child that dies again and again is told of at the first time and at every so many. */
const TELL_EVERY = 10;

/** 0.5, 1, 2, 4, 8, 10, 10 … s. */
export function backoffMs(failures: number): number {
  return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10));
}

interface Run {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  /** Resolves to words about how it ended. */
  readonly ended: Promise<string>;
}

export class Supervised {
  readonly spec: ChildSpec;
  readonly log: RotatingLog;
  readonly #clock: Clock;
  readonly #onChange: (event?: string) => void;
  readonly #stop = new AbortController();
  #run: Run | undefined;
  #loop: Promise<void> | undefined;
  #report: ChildReport;

  constructor(
    spec: ChildSpec,
    log: RotatingLog,
    clock: Clock,
    /** Called at every change of state; with a sentence where a person should know. */
    onChange: (event?: string) => void,
  ) {
    this.spec = spec;
    this.log = log;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#report = { pid: undefined, state: "stopped", since: clock.now(), restarts: 0 };
  }

  get report(): ChildReport {
    return this.#report;
  }

  /**
   * Resolves when the child is ready for the first time; from then on it is kept running.
   * @throws PermanentError SETUP_FAILED when it ends or stays silent instead: something is wrong
   * that another try would not change, and its own last words say what.
   */
  async start(): Promise<void> {
    const run = this.#spawn();
    const outcome = await Promise.race([
      run.ready.then(() => undefined),
      run.ended,
      this.#clock
        .wait(this.spec.readyWithinMs, this.#stop.signal)
        .then(() => `was not ready after ${String(this.spec.readyWithinMs / 1000)} s`)
        .catch(() => "was stopped"),
    ]);
    if (outcome !== undefined) {
      const words = this.log.tail === "" ? "It said nothing." : `Its last words:\n${this.log.tail}`;
      throw new PermanentError(
        "SETUP_FAILED",
        `The ${label(this.spec.name)} did not start: it ${outcome}. ${words}\n` +
          `(whole log: ${this.log.file})`,
      );
    }
    this.#set("running");
    this.#loop = this.#keepRunning(run);
  }

  /** Ends the child: politely, after a while for certain. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error("stopping"));
    const run = this.#run;
    if (run !== undefined && isAlive(run.child)) {
      run.child.kill("SIGTERM");
      const timer = new AbortController();
      const late = this.#clock.wait(STOP_WITHIN_MS, timer.signal).then(
        () => {
          this.log.write(`launcher: no end after ${String(STOP_WITHIN_MS)} ms, killed\n`);
          run.child.kill("SIGKILL");
        },
        () => undefined,
      );
      await run.ended;
      timer.abort(new Error("ended"));
      await late;
      endGroup(run.child);
    }
    await this.#loop;
    this.#set("stopped");
  }

  /** At once, for a second Ctrl-C. */
  kill(): void {
    this.#stop.abort(new Error("killed"));
    this.#run?.child.kill("SIGKILL");
  }

  async #keepRunning(first: Run): Promise<void> {
    let run = first;
    let failures = 0;
    const { signal } = this.#stop;
    while (!this.#isStopping()) {
      const startedAt = this.#clock.now();
      const how = await run.ended;
      if (this.#isStopping()) {
        return;
      }
      if (this.spec.endsGroup) {
        endGroup(run.child);
      }
      failures = this.#clock.now() - startedAt >= STEADY_MS ? 0 : failures;
      const pauseMs = backoffMs(failures++);
      const isTold = failures === 1 || failures % TELL_EVERY === 0;
      this.#set("waiting", isTold ? this.#sentence(how, failures) : undefined);
      await this.#clock.wait(pauseMs, signal).catch(() => undefined);
      if (this.#isStopping()) {
        return;
      }
      this.#report = { ...this.#report, restarts: this.#report.restarts + 1 };
      run = this.#spawn();
      this.#watchReturn(run);
    }
  }

  #sentence(how: string, failures: number): string {
    const times = failures > 1 ? ` (${String(failures)} times in a row)` : "";
    return `The ${label(this.spec.name)} ${how}${times}; it is started again. Log: ${this.log.file}`;
  }

  /** Says that a restarted child is back, and ends one that hangs while it starts. */
  #watchReturn(run: Run): void {
    const timer = new AbortController();
    const signal = AbortSignal.any([timer.signal, this.#stop.signal]);
    void run.ready.then(() => {
      timer.abort(new Error("ready"));
      if (this.#run === run && !this.#stop.signal.aborted) {
        this.#set("running", `The ${label(this.spec.name)} is back.`);
      }
    });
    void run.ended.then(() => timer.abort(new Error("ended")));
    this.#clock.wait(this.spec.readyWithinMs, signal).then(
      () => {
        this.log.write(`launcher: not ready after ${String(this.spec.readyWithinMs)} ms, killed\n`);
        run.child.kill("SIGKILL");
      },
      () => undefined,
    );
  }

  #isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  #spawn(): Run {
    const { command, args, cwd, env } = this.spec;
    this.log.forgetTail();
    const child = spawn(command, args, {
      cwd,
      env,
      // A group of its own: Ctrl-C reaches the launcher alone, which stops all in good order.
      detached: true,
      // A child that reads its input notices there that the launcher is gone; others at the channel.
      stdio: ["pipe", "pipe", "pipe", "ipc"],
    });
    child.stdin?.on("error", () => undefined);
    const run: Run = { child, ready: this.#readinessOf(child), ended: endOf(child) };
    this.#run = run;
    this.#set("starting");
    return run;
  }

  #readinessOf(child: ChildProcess): Promise<void> {
    const { readyLine } = this.spec;
    return new Promise((resolve) => {
      let rest = "";
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        this.log.write(text);
        if (readyLine !== undefined) {
          const lines = (rest + text).split("\n");
          rest = (lines.pop() ?? "").slice(-10_000);
          if (lines.some(readyLine)) {
            resolve();
          }
        }
      });
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        this.log.write(text);
      });
      child.on("message", (message) => {
        if (readyLine === undefined && isReady(message)) {
          resolve();
        }
      });
    });
  }

  #set(state: ChildState, event?: string): void {
    this.#report = {
      ...this.#report,
      pid: state === "waiting" || state === "stopped" ? undefined : this.#run?.child.pid,
      state,
      since: this.#clock.now(),
    };
    this.#onChange(event);
  }
}

/** `"ready"`, `{ kind: "ready" }` and `{ type: "ready" }` all mean it. */
export function isReady(message: unknown): boolean {
  if (typeof message === "object" && message !== null) {
    const { kind, type } = message as Record<string, unknown>;
    return kind === "ready" || type === "ready";
  }
  return message === "ready";
}

export function label(name: ChildName): string {
  return { "camera-server": "camera", department: "department", brain: "brain", edge: "edge node" }[
    name
  ];
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null && child.pid !== undefined;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      resolve(`could not be run: ${error.message}`);
    });
    child.once("exit", (code, signal) => {
      const how =
        signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`;
      // Its last words may still be on their way; a grandchild may hold the pipe open for ever.
      const timer = setTimeout(() => resolve(how), LAST_WORDS_MS);
      child.once("close", () => {
        clearTimeout(timer);
        resolve(how);
      });
    });
  });
}

/** What a dead child may have left: its group has the child's number. */
function endGroup(child: ChildProcess): void {
  try {
    process.kill(-(child.pid as number), "SIGTERM");
  } catch {
    // Nothing is left, which is how it should be.
  }
}
