/**
 * What happens to one camera's detections: tracks, rules, alarms, evidence, outbox. Judging is
 * synchronous, frame by frame; storing goes on behind it in the same order.
 */
import type { CameraConfig, RuleConfig } from "../config/index.ts";
import type { Detection } from "../models/index.ts";
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
  type NodeId,
  type Phase,
  type Sha256,
} from "../protocol/index.ts";
import { copyPicture, takeSnapshot, type Picture } from "./evidence/index.ts";
import { buildEvent } from "./incident-event.ts";
import type { ModelReport } from "./infer/index.ts";
import type { OpenAlarm, OpenAlarms } from "./open-alarms.ts";
import { isNearShape } from "./rule-border.ts";
import { createRule, type AlarmSignal, type Rule, type SceneObject } from "./rules/index.ts";
import { StandingObjects } from "./standing-objects.ts";
import { Tracker, type Track, type TrackedDetection } from "./track/index.ts";

/** A judged frame: where its pixels lie while it is held, and what is known of it. */
export interface JudgedFrame {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly width: number;
  readonly height: number;
  readonly meta: {
    readonly captureTime: EpochMs;
    readonly captureClock: "stream" | "arrival";
  };
}

/** The part of the outbox that a pipeline needs. */
export interface EventStore {
  nextSequence(cameraId: string): string;
  append(event: IncidentEvent, evidence: readonly { sha256: string; path: string }[]): void;
  readonly evidence: { put(bytes: Uint8Array): Promise<{ sha256: string; path: string }> };
}

export interface PipelineOptions {
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

/** After a restart, an alarm that begins within this time goes on as the one that was open. */
const RESUME_MS = 30_000;
/** Steps waiting to be stored; more means that the disk has stopped, and updates are given up. */
const MAX_WAITING = 256;
const STORE_RETRY_MS = 1000;

interface ActiveRule {
  readonly config: RuleConfig;
  readonly rule: Rule;
  /** Rule's key of an alarm → the alarm. */
  readonly alarms: Map<number, { readonly alarmId: AlarmId; readonly onset: EpochMs }>;
  /** Open when the node went down, until it is taken up again or ended. */
  orphan: OpenAlarm | undefined;
}

interface Step {
  readonly rule: RuleConfig;
  readonly alarmId: AlarmId;
  readonly phase: Phase;
  readonly onset: EpochMs;
  readonly endedAt?: EpochMs;
  readonly captureTime: EpochMs;
  readonly captureClock: "stream" | "arrival";
  readonly object?: SceneObject;
  readonly picture?: Picture;
  readonly others: readonly BoxNorm[];
}

export class CameraPipeline {
  readonly #options: PipelineOptions;
  readonly #tracker = new Tracker();
  readonly #rules: readonly ActiveRule[];
  readonly #startedAt: EpochMs;
  readonly #standing = new StandingObjects();
  #boxes: readonly BoxNorm[] = [];
  #isUrgent = false;
  #storing: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    const orphans = options.openAlarms.of(options.camera.id);
    this.#rules = options.camera.rules.map((config) => ({
      config,
      rule: createRule(config),
      alarms: new Map(),
      orphan: orphans.find((alarm) => alarm.rule === config.id),
    }));
    for (const alarm of orphans) {
      if (!options.camera.rules.some((rule) => rule.id === alarm.rule)) {
        options.openAlarms.closed(alarm.alarmId); // Its rule is gone from the configuration.
      }
    }
  }

  /** Boxes of what is being followed now, in picture fractions. */
  boxes(): readonly BoxNorm[] {
    return this.#boxes;
  }

  /** Something is new, or moves close to a zone's border or a line: the next look should be soon. */
  get isUrgent(): boolean {
    return this.#isUrgent;
  }

  /** A standing object was not found again where nothing moved: another look should tell. */
  get wantsRecheck(): boolean {
    return this.#standing.isDoubtful;
  }

  /**
   * Takes one frame's detections while its pixels are held.
   * @param looked parts of the picture that were looked at; all of it when left out. What follows
   * from elsewhere is held as it was.
   */
  judge(frame: JudgedFrame, detections: readonly Detection[], looked?: readonly BoxNorm[]): void {
    const found = detections.map((one) => toPixels(one, frame));
    const isUnlooked = this.#standing.whatToHold(
      this.#tracker.tracks,
      found,
      looked?.map((region) => scaleBox(region, frame)),
    );
    this.#follow(frame, found, isUnlooked);
  }

  /** Nothing moved in this frame and nobody looked at it: time goes on for what stands there. */
  hold(frame: JudgedFrame): void {
    this.#standing.noteStill(this.#tracker.tracks);
    this.#follow(frame, [], () => true);
  }

  #follow(
    frame: JudgedFrame,
    found: readonly TrackedDetection[],
    isUnlooked: (track: Track) => boolean,
  ): void {
    const startedAt = performance.now();
    const at = frame.meta.captureTime;
    const tracks = this.#tracker.update(at, found, isUnlooked);
    this.#note(tracks, frame);
    const objects = tracks
      .filter((track) => track.lastSeen === at && track.state === "confirmed")
      .map((track) => toSceneObject(track, frame));
    for (const active of this.#rules) {
      for (const signal of active.rule.evaluate({ at, objects })) {
        this.#take(active, signal, frame, objects);
      }
      this.#endOrphan(active, at);
    }
    this.#options.observe("judge", performance.now() - startedAt);
  }

  #note(tracks: readonly Track[], frame: JudgedFrame): void {
    const living = tracks.filter((track) => track.state !== "lost");
    this.#boxes = living.map((track) => toSceneObject(track, frame).box);
    this.#isUrgent = living.some(
      (track, index) =>
        track.state === "tentative" ||
        (!this.#standing.has(track.id) &&
          this.#rules.some(({ config }) => isNearShape(this.#boxes[index] as BoxNorm, config))),
    );
  }

  /** Resolves when everything judged so far is on disk. */
  async drain(): Promise<void> {
    await this.#storing;
  }

  #take(
    active: ActiveRule,
    signal: AlarmSignal,
    frame: JudgedFrame,
    objects: readonly SceneObject[],
  ): void {
    const { captureTime, captureClock } = frame.meta;
    const base = { rule: active.config, captureTime, captureClock };
    switch (signal.kind) {
      case "begin": {
        const resumed = this.#resume(active, signal.onset);
        const alarm = resumed ?? {
          alarmId: this.#options.newId() as AlarmId,
          onset: signal.onset,
        };
        active.alarms.set(signal.key, alarm);
        this.#enqueue({
          ...base,
          ...alarm,
          phase: resumed === undefined ? "new" : "update",
          object: signal.object,
          picture: copyPicture(frame),
          others: objects.filter((one) => one !== signal.object).map((one) => one.box),
        });
        return;
      }
      case "update": {
        const alarm = active.alarms.get(signal.key);
        if (alarm !== undefined) {
          this.#enqueue({ ...base, ...alarm, phase: "update", object: signal.object, others: [] });
        }
        return;
      }
      case "end": {
        const alarm = active.alarms.get(signal.key);
        active.alarms.delete(signal.key);
        if (alarm !== undefined) {
          this.#enqueue({ ...base, ...alarm, phase: "end", endedAt: signal.endedAt, others: [] });
        }
        return;
      }
    }
  }

  #resume(active: ActiveRule, onset: EpochMs): { alarmId: AlarmId; onset: EpochMs } | undefined {
    const { orphan } = active;
    if (orphan === undefined || !goesOn(active.config) || onset - this.#startedAt > RESUME_MS) {
      return undefined;
    }
    active.orphan = undefined;
    return { alarmId: orphan.alarmId, onset: orphan.onset };
  }

  #endOrphan(active: ActiveRule, at: EpochMs): void {
    const { orphan } = active;
    if (orphan === undefined) {
      return;
    }
    if (goesOn(active.config) && at - this.#startedAt <= RESUME_MS) {
      return;
    }
    active.orphan = undefined;
    this.#enqueue({
      rule: active.config,
      alarmId: orphan.alarmId,
      phase: "end",
      onset: orphan.onset,
      endedAt: orphan.lastSeen,
      captureTime: at,
      captureClock: "arrival",
      others: [],
    });
  }

  #enqueue(step: Step): void {
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

  async #store(step: Step): Promise<void> {
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
    step: Step,
    picture: Picture,
  ): Promise<{ sha256: string; path: string; ref: EvidenceRef } | undefined> {
    const startedAt = performance.now();
    try {
      const { jpeg, width, height } = await takeSnapshot(picture, {
        subject: step.object?.box ?? { left: 0, top: 0, width: 0, height: 0 },
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
  #noteBegun({ phase, alarmId, rule, onset, captureTime }: Step): void {
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

/** Whether a happening can last over a restart: a crossing is over as soon as it is seen. */
function goesOn(rule: RuleConfig): boolean {
  return rule.kind === "zone-intrusion";
}

function shapeOf(rule: RuleConfig): Parameters<typeof takeSnapshot>[1]["shape"] {
  return rule.kind === "zone-intrusion"
    ? { kind: "zone", points: rule.zone }
    : { kind: "line", points: rule.line };
}

/** The tracker works in pixels, where both axes have one unit. */
function toPixels({ label, score, box }: Detection, frame: JudgedFrame): TrackedDetection {
  return { label, score, box: scaleBox(box, frame) };
}

function scaleBox(box: BoxNorm, { width, height }: JudgedFrame): BoxNorm {
  return {
    left: box.left * width,
    top: box.top * height,
    width: box.width * width,
    height: box.height * height,
  };
}

function toSceneObject(track: Track, { width, height }: JudgedFrame): SceneObject {
  const left = clamp(track.box.left / width);
  const top = clamp(track.box.top / height);
  return {
    trackId: track.id,
    label: track.label,
    score: track.score,
    box: {
      left,
      top,
      width: Math.min(1 - left, track.box.width / width),
      height: Math.min(1 - top, track.box.height / height),
    },
    frames: track.hits,
  };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
