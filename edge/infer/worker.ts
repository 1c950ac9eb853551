/** Entry of an inference worker thread: one session, one frame at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { AppError } from "../../protocol/index.ts";
import type {
  ClassesRequest,
  DetectRequest,
  RetireRequest,
  WorkerMessage,
  WorkerSettings,
} from "./messages.ts";
import { yieldToOthers } from "./priority.ts";
import { openSession, type DetectorSession } from "./session.ts";

const port = parentPort;
if (port === null) {
  throw new Error("This file runs as a worker thread");
}

function send(message: WorkerMessage): void {
  port?.postMessage(message);
}

function reportFailure(error: unknown, job?: number): void {
  send({
    kind: "failed",
    ...(job === undefined ? {} : { job }),
    code: error instanceof AppError ? error.code : "INFERENCE_FAILED",
    message: error instanceof Error ? error.message : String(error),
  });
}

async function serve(session: DetectorSession, request: DetectRequest): Promise<void> {
  try {
    send({ kind: "detected", job: request.job, ...(await session.detect(request)) });
  } catch (error) {
    reportFailure(error, request.job);
  }
}

yieldToOthers();
try {
  const session = await openSession(workerData as WorkerSettings);
  let serving: Promise<void> = Promise.resolve();
  port.on("message", (request: ClassesRequest | DetectRequest | RetireRequest) => {
    serving = serving.then(() => {
      if (request.kind === "classes") {
        session.wantClasses(request.classes);
        return undefined;
      }
      if (request.kind === "retire") {
        process.exit(0); // Of this thread only.
      }
      return serve(session, request);
    });
  });
  send({ kind: "ready", model: session.model });
} catch (error) {
  reportFailure(error);
}
