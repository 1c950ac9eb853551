/**
 * What happens to one camera's detections: tracks, rules, alarms, evidence, outbox. Judging is
 * synchronous, frame by frame; storing goes on behind it in the same order. Rules may change between
 * two frames.
 */
import { isDeepStrictEqual } from "node:util";
import type { RuleConfig } from "../config/index.ts";
import type { Detection } from "../models/index.ts";
import { footPoint, type BoxNorm, type EpochMs, type Location } from "../protocol/index.ts";
import { AlarmRecorder, type RecorderOptions } from "./alarm-recorder.ts";
import { copyPicture } from "./evidence/index.ts";
import type { PictureState } from "./gate/index.ts";
import { createGround, positionOf, type Ground } from "./ground/index.ts";
import type { OpenAlarm } from "./open-alarms.ts";
import { rulesOfFile, TrackMemory, type RulesInForce } from "./plan/index.ts";
import { isNearShape } from "./rule-border.ts";
import { RuleRunner, type RuleStep } from "./rule-runner.ts";
import type { Measures, SceneObject } from "./rules/index.ts";
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

export interface PipelineOptions extends RecorderOptions {
  /** Whose wall clock the rules' schedules mean. */
  readonly timeZone: string;
  /** The camera's own file where left out. */
  readonly rules?: RulesInForce;
}

export class CameraPipeline {
  readonly #options: PipelineOptions;
  readonly #tracker = new Tracker();
  readonly #recorder: AlarmRecorder;
  readonly #ground: Ground | undefined;
  /** What the rules were given lately; nothing while the camera is switched off. */
  readonly memory = new TrackMemory();
  #rules: readonly RuleRunner[] = [];
  #isAnalysed = true;
  #standing = new StandingObjects();
  /** Switched on again: whatever was followed before is forgotten. */
  #isFresh = false;
  #boxes: readonly BoxNorm[] = [];
  #objects: readonly SceneObject[] = [];
  #isUrgent = false;

  constructor(options: PipelineOptions) {
    const { camera, openAlarms, rules = rulesOfFile(camera) } = options;
    this.#options = options;
    this.#recorder = new AlarmRecorder(options);
    this.#ground = camera.calibration && createGround(camera.calibration);
    const orphans = openAlarms.of(camera.id);
    this.#put(rules, orphans);
    for (const alarm of orphans) {
      if (!rules.rules.some((rule) => rule.id === alarm.rule)) {
        openAlarms.closed(alarm.alarmId); // Its rule is gone from the configuration.
      }
    }
  }

  /** Somebody may look at this camera's pictures. */
  get isAnalysed(): boolean {
    return this.#isAnalysed;
  }

  /** Rules at work, without those that rest. */
  activeRules(): readonly RuleConfig[] {
    return this.#active().map((rule) => rule.config);
  }

  /**
   * Puts other rules in force between two frames. Those that stay as they were keep what they know;
   * alarms of those that go, change or rest end.
   */
  apply(rules: RulesInForce): void {
    this.#put(rules, []);
  }

  /** The rule with fresh state, as it would run here. */
  trial(config: RuleConfig): RuleRunner {
    return this.#runner(config, undefined);
  }

  /** Boxes of what is being followed now, in picture fractions. */
  boxes(): readonly BoxNorm[] {
    return this.#boxes;
  }

  /** Something is new, or moves close to a zone's border or a line: the next look should be soon. */
  get isUrgent(): boolean {
    return this.#isUrgent;
  }

  /** What the rules saw last: confirmed, and seen or held in that frame. */
  objects(): readonly SceneObject[] {
    return this.#objects;
  }

  /**
   * Another look should tell: a standing object was not found again where nothing moved, or what
   * may be an object has not been seen often enough to be sure.
   */
  get wantsRecheck(): boolean {
    return (
      this.#standing.isDoubtful || this.#tracker.tracks.some((track) => track.state === "tentative")
    );
  }

  /**
   * Takes one frame's detections while its pixels are held.
   * @param looked parts of the picture that were looked at; all of it when left out. What follows
   * from elsewhere is held as it was.
   */
  judge(frame: JudgedFrame, detections: readonly Detection[], looked?: readonly BoxNorm[]): void {
    if (!this.#isAnalysed) {
      return; // Switched off while the model looked.
    }
    const found = detections.map((one) => toPixels(one, frame));
    const isUnlooked = this.#standing.whatToHold(
      this.#tracker.tracks,
      found,
      looked?.map((region) => scaleBox(region, frame)),
    );
    this.#follow(frame, found, isUnlooked, true);
  }

  /** Nothing moved in this frame and nobody looked at it: time goes on for what stands there. */
  hold(frame: JudgedFrame): void {
    this.#standing.noteStill(this.#tracker.tracks);
    this.#follow(frame, [], () => true, false);
  }

  #follow(
    frame: JudgedFrame,
    found: readonly TrackedDetection[],
    isUnlooked: (track: Track) => boolean,
    isLook: boolean,
  ): void {
    const startedAt = performance.now();
    const at = frame.meta.captureTime;
    if (this.#isFresh) {
      this.#isFresh = false;
      this.#tracker.update(at, []); // What was followed before the pause is missed, not held.
    }
    const tracks = this.#tracker.update(at, found, isUnlooked);
    this.#note(tracks, frame);
    const objects = tracks
      .filter((track) => track.lastSeen === at && track.state === "confirmed")
      .map((track) => toSceneObject(track, frame));
    this.#objects = objects;
    const scene = { at, aspect: frame.width / frame.height, objects };
    this.memory.scene(scene, isLook);
    for (const rule of this.#rules) {
      this.#record(rule.evaluate(scene), frame, objects);
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
          this.#rules.some(
            ({ config, isResting }) =>
              !isResting && isNearShape(this.#boxes[index] as BoxNorm, config),
          )),
    );
  }

  /** Whether some rule needs to hear what the picture itself tells. */
  get watchesPicture(): boolean {
    return this.#active().some((rule) => rule.watchesPicture);
  }

  /** Takes what the picture itself told, frame by frame, while the frame's pixels are held. */
  watch(frame: JudgedFrame, picture: PictureState): void {
    this.memory.picture(picture);
    for (const rule of this.#rules) {
      this.#record(rule.watch(picture), frame, []);
    }
  }

  /** No frame has come since `lastFrameAt`; call it about once a second meanwhile. */
  miss(at: EpochMs, lastFrameAt: EpochMs): void {
    if (!this.#isAnalysed) {
      return;
    }
    this.memory.missed(at, lastFrameAt);
    for (const rule of this.#rules) {
      this.#recordUnseen(rule.miss(at, lastFrameAt), at);
    }
  }

  /** Running figures of rules that count, by rule. */
  counts(): readonly { readonly rule: string; readonly counts: Measures }[] {
    return this.#rules.map((rule) => ({ rule: rule.config.id, counts: rule.counts() }));
  }

  /** Resolves when everything judged so far is on disk. */
  async drain(): Promise<void> {
    await this.#recorder.drain();
  }

  #active(): readonly RuleRunner[] {
    return this.#isAnalysed ? this.#rules.filter((rule) => !rule.isResting) : [];
  }

  #put({ rules, paused, analysed }: RulesInForce, orphans: readonly OpenAlarm[]): void {
    const at = this.#options.clock.now();
    const before = this.#rules;
    this.#rules = rules.map(
      (config) =>
        before.find((rule) => isDeepStrictEqual(rule.config, config)) ??
        this.#runner(
          config,
          orphans.find((alarm) => alarm.rule === config.id),
        ),
    );
    for (const rule of before) {
      if (!this.#rules.includes(rule)) {
        this.#recordUnseen(rule.rest(at), at);
      }
    }
    for (const rule of this.#rules) {
      if (!analysed || paused.has(rule.config.id)) {
        this.#recordUnseen(rule.rest(at), at);
      } else {
        rule.wake();
      }
    }
    this.#switch(analysed);
  }

  #switch(analysed: boolean): void {
    if (analysed === this.#isAnalysed) {
      return;
    }
    this.#isAnalysed = analysed;
    this.#isFresh = true;
    this.#standing = new StandingObjects();
    this.#boxes = [];
    this.#objects = [];
    this.#isUrgent = false;
    this.memory.clear();
  }

  #runner(config: RuleConfig, orphan: OpenAlarm | undefined): RuleRunner {
    const { clock, newId, timeZone } = this.#options;
    return new RuleRunner({
      ...{ config, timeZone, newId, orphan },
      surroundings: { ground: this.#ground },
      startedAt: clock.now(),
    });
  }

  #recordUnseen(steps: readonly RuleStep[], at: EpochMs): void {
    for (const step of steps) {
      this.#recorder.record({ ...step, captureTime: at, captureClock: "arrival", others: [] });
    }
  }

  #place(box: BoxNorm | undefined): { readonly position?: Location } {
    const { location } = this.#options.camera;
    const position = this.#ground && box && positionOf(this.#ground, footPoint(box), location);
    return position === undefined ? {} : { position };
  }

  /** A new alarm is shown with its picture; what follows has the brain's attention already. */
  #record(steps: readonly RuleStep[], frame: JudgedFrame, objects: readonly SceneObject[]): void {
    const { captureTime, captureClock } = frame.meta;
    for (const step of steps) {
      const others = objects.filter((one) => one !== step.object).map((one) => one.box);
      this.#recorder.record({
        ...step,
        captureTime,
        captureClock,
        ...this.#place(step.object?.box),
        ...(step.isBegin ? { picture: copyPicture(frame), others } : { others: [] }),
      });
    }
  }
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
