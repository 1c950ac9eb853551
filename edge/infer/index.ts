/** Inference: frames in, detections out, on worker threads, fairly over all cameras. */
export { Detector } from "./detector.ts";
export type { DetectorOptions, DetectResult, PictureView } from "./detector.ts";
export type { ModelReport, Provider, WorkerSettings } from "./messages.ts";
export { Scheduler } from "./scheduler.ts";
export type {
  CameraLane,
  FrameDetector,
  FrameTimings,
  LookRequest,
  ScheduledFrame,
} from "./scheduler.ts";
export { chooseShape, type SessionShape } from "./tuner.ts";
