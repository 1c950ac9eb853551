/**
 * One camera's handler that loses its camera over and over: as soon as the first picture has come,
 * the source fails, and the handler connects again. Tells what the process holds after each batch.
 */
import { edgeConfigSchema, type CameraConfig } from "../../config/index.ts";
import { CameraIngest, FfmpegSource, type FrameSource } from "../../edge/ingest/index.ts";
import { systemClock, TransientError, type Clock } from "../../protocol/index.ts";
import { childrenOf, openFilesOf, rssMbOf } from "./process-usage.ts";

export interface HoldingsReport {
  readonly cycles: number;
  readonly rssMb: number;
  readonly openFiles: number;
  /** Decoders that are dead and not reaped. */
  readonly zombies: number;
  readonly reconnects: number;
}

const [url = "", cyclesText = "1000", everyText = "50"] = process.argv.slice(2);
const cycles = Number(cyclesText);
const every = Number(everyText);
/** Pauses longer than the watch's steps are those between two attempts: here they are cut. */
const WATCH_STEP_MS = 500;
const RETRY_MS = 10;

const impatient: Clock = {
  now: () => systemClock.now(),
  wait: (ms, signal) => systemClock.wait(ms > WATCH_STEP_MS ? RETRY_MS : ms, signal),
};

let done = 0;
const camera = cameraOf(url);
const ffmpeg = new FfmpegSource({ ...camera, clock: systemClock });
let life = new AbortController();

const source: FrameSource = {
  async run(sink, signal) {
    life = new AbortController();
    const current = life;
    const onAbort = (): void => current.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await ffmpeg.run(sink, current.signal);
    } finally {
      signal.removeEventListener("abort", onAbort);
      await cycleDone();
    }
  },
};

const ingest = new CameraIngest({
  camera,
  clock: impatient,
  random: Math.random,
  log: { info: () => undefined, warn: () => undefined, error: console.error },
  source,
  onFrame: () => {
    const frame = ingest.ring.take();
    if (frame !== undefined) {
      ingest.ring.release(frame, "analysed");
    }
    life.abort(new TransientError("DECODER_FAILED", "The benchmark cuts the line"));
  },
  onState: () => undefined,
});
process.once("disconnect", () => process.exit(0));
tell();
ingest.start();

async function cycleDone(): Promise<void> {
  done++;
  if (done % every === 0) {
    // Two turns, so that what finalisers free is gone as well.
    for (let turn = 0; turn < 2; turn++) {
      globalThis.gc?.();
      await systemClock.wait(20);
    }
    tell();
  }
  if (done >= cycles) {
    void ingest.close().then(() => process.exit(0));
  }
}

function tell(): void {
  const report: HoldingsReport = {
    cycles: done,
    rssMb: rssMbOf(process.pid),
    openFiles: openFilesOf(process.pid),
    zombies: childrenOf(process.pid).filter(({ state }) => state === "Z").length,
    reconnects: ingest.report().reconnects,
  };
  process.send?.(report);
}

function cameraOf(address: string): CameraConfig {
  const config = edgeConfigSchema.parse({
    node: { id: "bench", dataDir: "bench" },
    brain: { url: "http://127.0.0.1:1", secretFile: "none" },
    cameras: [
      {
        ...{ id: "cam-0", name: "Camera", source: address, purpose: "benchmark", rules: [] },
        location: { lat: 0, lon: 0, crs: "WGS84" },
      },
    ],
  });
  return config.cameras[0] as CameraConfig;
}
