import { execFileSync } from "node:child_process";
import {
  CameraIngest,
  type CameraIngestOptions,
  type FrameMeta,
} from "../../../edge/ingest/index.ts";
import { type CameraReport, type CameraState, systemClock } from "../../../protocol/index.ts";
import { camera, type LogEntry, recordingLog } from "../../edge/ingest/camera-fixture.ts";

export interface SeenFrame {
  readonly meta: FrameMeta;
  readonly pixels: Buffer;
}

export interface Harness extends AsyncDisposable {
  readonly ingest: CameraIngest;
  readonly frames: SeenFrame[];
  readonly reports: CameraReport[];
  readonly entries: LogEntry[];
}

/** A started camera that keeps the first 400 of its frames. */
export function watch(
  source: string,
  settings: Readonly<Record<string, unknown>> = {},
  options: Partial<CameraIngestOptions> = {},
): Harness {
  const frames: SeenFrame[] = [];
  const reports: CameraReport[] = [];
  const { entries, log } = recordingLog();
  const ingest: CameraIngest = new CameraIngest({
    camera: camera({ source, ...settings }),
    clock: systemClock,
    random: () => 0.5,
    log,
    onFrame: () => {
      const lease = ingest.ring.take();
      if (lease !== undefined) {
        if (frames.length < 400) {
          const { buffer, byteOffset, byteLength, meta } = lease;
          frames.push({
            meta,
            pixels: Buffer.from(new Uint8Array(buffer, byteOffset, byteLength)),
          });
        }
        ingest.ring.release(lease);
      }
    },
    onState: (report) => reports.push(report),
    ...options,
  });
  ingest.start();
  return { ingest, frames, reports, entries, [Symbol.asyncDispose]: () => ingest.close() };
}

/** Waits for a condition; the test's own limit ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await systemClock.wait(20);
  }
}

export function isIn(harness: Harness, state: CameraState): () => boolean {
  return () => harness.ingest.report().state === state;
}

/** Runs FFmpeg to its end and gives what it wrote to stdout. */
export function ffmpeg(...args: readonly string[]): Buffer {
  return execFileSync("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args], {
    maxBuffer: 256 * 1024 * 1024,
  });
}

/** A second of moving test picture at 10 fps. */
export function makeClip(file: string, size: string, ...encoder: readonly string[]): void {
  const input = `testsrc=size=${size}:rate=10:duration=1`;
  ffmpeg("-f", "lavfi", "-i", input, ...encoder, file);
}
