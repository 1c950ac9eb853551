/** From a camera to pictures in shared memory: sources, their handler and the latest-wins ring. */
export { CameraIngest, type CameraIngestOptions, type IngestLog } from "./camera-ingest.ts";
export { CaptureClock, type CaptureClockOptions, type CaptureTime } from "./capture-clock.ts";
export { FfmpegSource, type FfmpegSourceOptions } from "./ffmpeg-source.ts";
export type { CaptureClockKind, FrameHeader, FrameMeta } from "./frame.ts";
export {
  type FrameCounters,
  type FrameLease,
  FrameRing,
  type FrameRingOptions,
  MAX_FRAME_BYTES,
} from "./frame-ring.ts";
export type { FrameSink, FrameSource } from "./frame-source.ts";
export { StartTurns, type StartTurnsOptions } from "./start-turns.ts";
