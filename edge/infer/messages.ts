/** What the main thread and an inference worker say to each other. */
import type { BoxNorm, ErrorCode } from "../../protocol/index.ts";
import type { Detection } from "../../models/index.ts";

export type Provider = "cpu" | "webgpu" | "cuda" | "tensorrt";

/** Given to a worker when it starts. */
export interface WorkerSettings {
  /** Manifest id, or path of a manifest of one's own. */
  readonly modelId: string;
  readonly cacheDir: string;
  readonly provider: Provider;
  /** Threads inside the session. */
  readonly threads: number;
  readonly minScore: number;
  /** Labels worth decoding; all others are skipped. */
  readonly classes: readonly string[];
}

export interface DetectRequest {
  readonly kind: "detect";
  readonly job: number;
  /** I420: the planes Y, U and V one after the other; `byteLength` = width × height × 3 / 2. */
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly width: number;
  readonly height: number;
  /** Parts of the picture to look at; the whole picture when left out. */
  readonly regions?: readonly BoxNorm[];
}

/** From the next frame on, other classes are worth decoding. */
export interface ClassesRequest {
  readonly kind: "classes";
  readonly classes: readonly string[];
}

/** Ends a worker between two frames. */
export interface RetireRequest {
  readonly kind: "retire";
}

/** What the session really runs on, and with what. */
export interface ModelReport {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly provider: Provider;
  /** Why it is not the provider that was asked for. */
  readonly fallbackReason?: string;
  readonly loadMs: number;
}

export type WorkerMessage =
  | { readonly kind: "ready"; readonly model: ModelReport }
  | {
      readonly kind: "detected";
      readonly job: number;
      readonly detections: readonly Detection[];
      readonly clipped: readonly Detection[];
      readonly inferMs: number;
      readonly decodeMs: number;
    }
  | {
      readonly kind: "failed";
      /** Absent when the worker could not even start. */
      readonly job?: number;
      readonly code: ErrorCode;
      readonly message: string;
    };
