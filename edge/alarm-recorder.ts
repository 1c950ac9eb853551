/**
 * Stores the steps of one camera's alarms, in their order, behind the judging: snapshot, note of the
 * open alarm, event into the outbox.
 */
import type { CameraConfig, RuleConfig } from "../config/index.ts";
import {
  AppError,
  formatTime,
  TransientError,
  type AlarmId,
  type BoxNorm,
  type Clock,
  type EpochMs,
  type EventId,
  type EvidenceRef,
  type IncidentEvent,
  type Location,
  type NodeId,
  type Phase,
  type Sha256,
} from "../protocol/index.ts";
import { takeSnapshot, type Picture } from "./evidence/index.ts";
import { buildEvent } from "./incident-event.ts";
import type { ModelReport } from "./infer/index.ts";
import type { OpenAlarms } from "./open-alarms.ts";
import { shapeOf } from "./rule-border.ts";
import type { AlarmSubject, Measures } from "./rules/index.ts";

/** The part of the outbox that is needed here. */
export interface EventStore {
  nextSequence(cameraId: string): string;
  append(event: IncidentEvent, evidence: readonly { sha256: string; path: string }[]): void;
  readonly evidence: { put(bytes: Uint8Array): Promise<{ sha256: string; path: string }> };
}

export interface RecorderOptions {
  readonly nodeId: NodeId;
  readonly camera: CameraConfig;
  readonly model: () => ModelReport;
  readonly clock: Clock;
  /** A fresh UUID. */
  readonly newId: () => string;
  readonly store: EventStore;
  readonly openAlarms: OpenAlarms;
  readonly observe: (stage: "judge" | "evidence" | "store", durationMs: number) => void;
  readonly onStep: (rule: string, phase: Phase) => void;
  readonly onFailure: (error: AppError) => void;
  readonly signal: AbortSignal;
}

/** Steps waiting to be stored; more means that the disk has stopped, and updates are given up. */
const MAX_WAITING = 256;
const STORE_RETRY_MS = 1000;

export interface AlarmStep {
  readonly rule: RuleConfig;
  readonly alarmId: AlarmId;
  readonly phase: Phase;
  readonly onset: EpochMs;
  readonly endedAt?: EpochMs;
  readonly captureTime: EpochMs;
  readonly captureClock: "stream" | "arrival";
  readonly position?: Location;
  readonly object?: AlarmSubject;
  readonly measures?: Measures;
  readonly picture?: Picture;
  readonly others: readonly BoxNorm[];
}

export class AlarmRecorder {
  readonly #options: RecorderOptions;
  #storing: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Resolves when everything recorded so far is on disk. */
  async drain(): Promise<void> {
    await this.#storing;
  }

  /** Stores it when those before it are stored. */
  record(step: AlarmStep): void {
    if (this.#waiting >= MAX_WAITING && step.phase === "update") {
      this.#options.onFailure(new TransientError("OUTBOX_FULL", "An update was given up"));
      return;
    }
    this.#waiting++;
    this.#storing = this.#storing
      .then(() => this.#store(step))
      .finally(() => {
        this.#waiting--;
      });
  }

  async #store(step: AlarmStep): Promise<void> {
    const { camera, store, newId, nodeId, model, clock, observe, onStep } = this.#options;
    const file = step.picture === undefined ? undefined : await this.#snapshot(step, step.picture);
    this.#noteBegun(step);
    const startedAt = performance.now();
    await this.#untilStored(() => {
      const event = buildEvent(
        { nodeId, camera, rule: step.rule, model: model() },
        {
          ...step,
          id: newId() as EventId,
          sequence: store.nextSequence(camera.id),
          recordedAt: clock.now(),
          evidence: file === undefined ? [] : [file.ref],
        },
      );
      store.append(event, file === undefined ? [] : [file]);
    });
    if (step.phase === "end") {
      this.#options.openAlarms.closed(step.alarmId);
    }
    observe("store", performance.now() - startedAt);
    onStep(step.rule.id, step.phase);
  }

  /** A picture that cannot be had must not keep the event back. */
  async #snapshot(
    step: AlarmStep,
    picture: Picture,
  ): Promise<{ sha256: string; path: string; ref: EvidenceRef } | undefined> {
    const startedAt = performance.now();
    try {
      const { jpeg, width, height } = await takeSnapshot(picture, {
        subject: step.object?.box,
        others: step.others,
        shape: shapeOf(step.rule),
      });
      const file = await this.#options.store.evidence.put(jpeg);
      this.#options.observe("evidence", performance.now() - startedAt);
      const ref: EvidenceRef = {
        sha256: file.sha256 as Sha256,
        role: "snapshot",
        mime: "image/jpeg",
        bytes: jpeg.length,
        width,
        height,
        capturedAt: formatTime(step.captureTime),
        redaction: this.#options.camera.masks.length > 0 ? "masked" : "none",
      };
      return { ...file, ref };
    } catch (error) {
      this.#options.onFailure(
        error instanceof AppError
          ? error
          : new TransientError("INTERNAL", "A snapshot failed", {}, error),
      );
      return undefined;
    }
  }

  /** Before the event is stored; an end is noted after it. A crash between repeats, never forgets. */
  #noteBegun({ phase, alarmId, rule, onset, captureTime }: AlarmStep): void {
    const { openAlarms, camera } = this.#options;
    if (phase === "new") {
      const alarm = { camera: camera.id, rule: rule.id, alarmId, onset, lastSeen: captureTime };
      openAlarms.opened(alarm);
    } else if (phase === "update") {
      openAlarms.seen(alarmId, captureTime);
    }
  }

  /** A full outbox is waited for: what was judged is never given up silently. */
  async #untilStored(write: () => void): Promise<void> {
    for (;;) {
      try {
        write();
        return;
      } catch (error) {
        if (!(error instanceof AppError)) {
          throw error;
        }
        this.#options.onFailure(error);
        if (!(error instanceof TransientError) || this.#options.signal.aborted) {
          return;
        }
        await this.#options.clock.wait(STORE_RETRY_MS, this.#options.signal).catch(() => undefined);
      }
    }
  }
}
