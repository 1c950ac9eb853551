/**
 * A detector as the main thread sees it: one worker thread that is watched, and replaced when it
 * dies, hangs or answers nothing but failures. One frame at a time; the scheduler decides which.
 */
import { Worker } from "node:worker_threads";
import {
  PermanentError,
  TransientError,
  type AppError,
  type BoxNorm,
  type Clock,
} from "../../protocol/index.ts";
import type { Detection } from "../../models/index.ts";
import type { ModelReport, WorkerMessage, WorkerSettings } from "./messages.ts";

/** A frame in shared memory, I420. */
export interface PictureView {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly width: number;
  readonly height: number;
  /** Parts to look at, in fractions of the picture; the whole picture when left out. */
  readonly regions?: readonly BoxNorm[];
}

export interface DetectResult {
  readonly detections: readonly Detection[];
  /** Objects that a region's border cut; none in a look at the whole picture. */
  readonly clipped: readonly Detection[];
  readonly inferMs: number;
  readonly decodeMs: number;
}

export interface DetectorOptions {
  readonly settings: WorkerSettings;
  readonly clock: Clock;
  /** A worker is being replaced. One that fails at every frame is told once until one succeeds. */
  readonly onRestart: (reason: string) => void;
  /** A frame not answered within this time means a hung worker, ms; 4000 when left out. */
  readonly timeoutMs?: number;
  /** A session not loaded within this time means a hung worker, ms. */
  readonly loadTimeoutMs?: number;
  /** The worker's file; a test gives one that dies or hangs. */
  readonly entry?: URL;
}

/**
 * How long a worker may finish its frame before it is ended by force. Force while the runtime is in
 * an inference takes the whole process with it (its binding throws where nobody can catch), so it
 * is the last resort.
 */
const RETIRE_MS = 3000;
/** A hung worker is to be seen within 5 s. */
const TIMEOUT_MS = 4000;
/** One frame may be at fault for its own failure; so many in a row are the session's. */
const MAX_FAILED_IN_A_ROW = 5;
const RESTART_DELAY_MS = [100, 500, 2000, 5000] as const;

interface Job {
  readonly id: number;
  readonly resolve: (result: DetectResult) => void;
  readonly reject: (error: AppError) => void;
  readonly deadline: AbortController;
}

export class Detector {
  readonly #options: DetectorOptions;
  readonly #closing = new AbortController();
  /** Also of a worker that takes another's place. */
  #classes: readonly string[];
  #worker: Worker | undefined;
  #model: ModelReport | undefined;
  #job: Job | undefined;
  #nextJob = 1;
  /** Replacements since the last success. */
  #failures = 0;
  #failedInARow = 0;
  /** That no frame succeeds has been told, and none has succeeded since. */
  #isFailureTold = false;
  #recovery: Promise<void> | undefined;
  readonly #retiring = new Set<Promise<unknown>>();

  constructor(options: DetectorOptions) {
    this.#options = options;
    this.#classes = options.settings.classes;
  }

  /** Labels worth decoding from the next frame on. */
  wantClasses(classes: readonly string[]): void {
    this.#classes = classes;
    this.#worker?.postMessage({ kind: "classes", classes });
  }

  /** Idle and loaded: `detect` may be called. */
  get ready(): boolean {
    return this.#model !== undefined && this.#job === undefined;
  }

  /** What runs, once it has been loaded. */
  get model(): ModelReport | undefined {
    return this.#model;
  }

  /**
   * Loads the model.
   * @throws PermanentError when the model itself is at fault; later failures are repaired.
   */
  async start(): Promise<ModelReport> {
    this.#model = await this.#launch();
    return this.#model;
  }

  /** @throws TransientError INFERENCE_FAILED, or INFERENCE_TIMEOUT when the worker hung. */
  detect(picture: PictureView): Promise<DetectResult> {
    const worker = this.#worker;
    if (worker === undefined || !this.ready) {
      return Promise.reject(new TransientError("INFERENCE_FAILED", "The detector is not ready"));
    }
    const id = this.#nextJob++;
    const deadline = new AbortController();
    return new Promise((resolve, reject) => {
      this.#job = { id, resolve, reject, deadline };
      worker.postMessage({ kind: "detect", job: id, ...picture });
      this.#watch(id, deadline.signal);
    });
  }

  /** Lets the frame under way finish. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("closing"));
    if (this.#worker !== undefined) {
      this.#retire(this.#worker);
    }
    await this.#recovery;
    await Promise.all(this.#retiring);
    this.#settle((job) => {
      job.reject(new TransientError("INFERENCE_FAILED", "The detector is closing"));
    });
  }

  #watch(id: number, signal: AbortSignal): void {
    const timeoutMs = this.#options.timeoutMs ?? TIMEOUT_MS;
    this.#options.clock.wait(timeoutMs, signal).then(
      () => {
        if (this.#job?.id === id) {
          this.#fail(
            new TransientError("INFERENCE_TIMEOUT", "An inference worker hangs", {
              expected: `an answer within ${timeoutMs} ms`,
            }),
          );
        }
      },
      () => undefined, // Answered in time.
    );
  }

  #launch(): Promise<ModelReport> {
    const { settings, entry, clock } = this.#options;
    const worker = new Worker(entry ?? new URL("./worker-entry.mjs", import.meta.url), {
      workerData: { ...settings, classes: this.#classes },
      execArgv: [],
    });
    this.#worker = worker;
    const loaded = new AbortController();
    return new Promise<ModelReport>((resolve, reject) => {
      worker.on("message", (message: WorkerMessage) => {
        if (message.kind === "ready") {
          resolve(message.model);
        } else if (message.kind === "failed" && message.job === undefined) {
          reject(new PermanentError(message.code, message.message));
        } else {
          this.#answer(message);
        }
      });
      worker.once("error", (error) => {
        const failure = new TransientError("INFERENCE_FAILED", "An inference worker died", {
          got: error instanceof Error ? error.message : String(error),
        });
        reject(failure);
        this.#lose(worker, failure);
      });
      worker.once("exit", (code) => {
        const failure = new TransientError("INFERENCE_FAILED", "An inference worker ended", {
          got: `exit code ${code}`,
        });
        reject(failure);
        this.#lose(worker, failure);
      });
      clock.wait(this.#options.loadTimeoutMs ?? 60_000, loaded.signal).then(
        () => {
          const failure = new TransientError("INFERENCE_TIMEOUT", "The model did not load in time");
          reject(failure);
          this.#fail(failure); // Or it would go on loading beside its successor.
        },
        () => undefined,
      );
    }).finally(() => loaded.abort());
  }

  #answer(message: Exclude<WorkerMessage, { kind: "ready" }>): void {
    if (this.#job?.id !== message.job) {
      return;
    }
    if (message.kind === "failed") {
      const error = new TransientError(message.code, message.message);
      this.#settle((job) => job.reject(error));
      this.#countFailed(error);
    } else {
      this.#failures = 0;
      this.#failedInARow = 0;
      this.#isFailureTold = false;
      this.#settle((job) => job.resolve(message));
    }
  }

  #countFailed(error: AppError): void {
    this.#failedInARow++;
    if (this.#failedInARow === MAX_FAILED_IN_A_ROW) {
      const failure = new TransientError(
        "INFERENCE_FAILED",
        `An inference worker failed ${MAX_FAILED_IN_A_ROW} times in a row: ${error.message}`,
      );
      const isTold = this.#isFailureTold;
      this.#isFailureTold = true;
      this.#fail(failure, isTold);
    }
  }

  #settle(how: (job: Job) => void): void {
    const job = this.#job;
    if (job !== undefined) {
      this.#job = undefined;
      job.deadline.abort();
      how(job);
    }
  }

  /** The worker is at fault: another takes its place at once, and it may end in peace. */
  #fail(error: AppError, isTold = false): void {
    const worker = this.#worker;
    if (worker !== undefined) {
      this.#lose(worker, error, isTold);
      this.#retire(worker);
    }
  }

  #retire(worker: Worker): void {
    const patience = new AbortController();
    const ended = new Promise<void>((resolve) => {
      worker.once("exit", () => {
        patience.abort();
        resolve();
      });
    });
    const forced = this.#options.clock.wait(RETIRE_MS, patience.signal).then(
      () => worker.terminate(),
      () => undefined, // It has ended by itself.
    );
    worker.postMessage({ kind: "retire" });
    const retiring = Promise.race([ended, forced]).finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }

  #lose(worker: Worker, error: AppError, isTold = false): void {
    if (worker !== this.#worker) {
      return;
    }
    this.#worker = undefined;
    const wasReady = this.#model !== undefined;
    this.#model = undefined;
    this.#failedInARow = 0;
    this.#settle((job) => job.reject(error));
    if (wasReady && !this.#closing.signal.aborted) {
      if (!isTold) {
        this.#options.onRestart(error.message);
      }
      this.#recovery = this.#recover();
    }
  }

  /** Never gives up: a node without a detector is blind. */
  async #recover(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      const delayMs = RESTART_DELAY_MS[Math.min(this.#failures++, RESTART_DELAY_MS.length - 1)];
      try {
        await this.#options.clock.wait(delayMs as number, signal);
        this.#model = await this.#launch();
        return;
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        this.#options.onRestart((error as Error).message);
      }
    }
  }
}
