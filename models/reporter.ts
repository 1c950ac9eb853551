/** Tells how far a model is: one line that moves on a terminal, a line every 2 s elsewhere. */
import type { Progress } from "./fetch.ts";

export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Reporter {
  show(progress: Progress): void;
  finish(text: string): void;
}

const PLAIN_INTERVAL_MS = 2_000;
const BAR_WIDTH = 24;
const MEGABYTE = 1_000_000;

const STEPS: Readonly<Record<Progress["step"], string>> = {
  fetch: "fetching",
  verify: "verifying the tarball",
  unpack: "unpacking",
  convert: "converting",
  ready: "ready",
};

/** @param nowMs any clock that only goes forward, in milliseconds */
export function createReporter(id: string, output: Output, nowMs: () => number): Reporter {
  const startedMs = nowMs();
  let lastStep: Progress["step"] | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  const isTerminal = output.isTTY === true;
  return {
    show(progress) {
      const now = nowMs();
      const isDue = progress.step !== lastStep || now - lastMs >= PLAIN_INTERVAL_MS;
      const text = `${id}: ${described(progress)} (${((now - startedMs) / 1000).toFixed(1)} s)`;
      if (isTerminal) {
        output.write(`\r\u001b[K${text}`);
      } else if (isDue) {
        output.write(`${text}\n`);
        lastMs = now;
      }
      lastStep = progress.step;
    },
    finish(text) {
      output.write(`${isTerminal ? "\r\u001b[K" : ""}${id}: ${text}\n`);
    },
  };
}

function described({ step, receivedBytes, totalBytes }: Progress): string {
  if (receivedBytes === undefined || totalBytes === undefined) {
    return STEPS[step];
  }
  const share = totalBytes === 0 ? 0 : receivedBytes / totalBytes;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "#".repeat(filled) + ".".repeat(BAR_WIDTH - filled);
  const received = (receivedBytes / MEGABYTE).toFixed(1);
  return `${STEPS[step]} [${bar}] ${received} of ${(totalBytes / MEGABYTE).toFixed(1)} MB`;
}
