/** Runs a scenario through the tracker and its rule, frame by frame, and collects the alarms. */
import {
  createRule,
  type AlarmSignal,
  type AlarmSubject,
  type Measures,
  type Rule,
  type SceneObject,
} from "../../../edge/rules/index.ts";
import { Tracker, type Track, type TrackedDetection } from "../../../edge/track/index.ts";
import type { BoxNorm, EpochMs } from "../../../protocol/index.ts";
import { ASPECT } from "./camera.ts";
import { Noise } from "./noise.ts";
import { PictureTeller } from "./picture.ts";
import { cameraOf, configOf, type Scenario } from "./scenario.ts";
import { clip, detect, Stage } from "./sight.ts";
import {
  changeBox,
  changeGround,
  changePicture,
  changeRule,
  UNCHANGED,
  type ViewChange,
} from "./view-change.ts";

const START_MS = 1_800_000_000_000;
const [WIDTH_PX, HEIGHT_PX] = [1280, 720];
/** Rules on the picture get every frame of the camera; the looks are a part of them. */
const CAMERA_FPS = 10;

export interface PlayOptions {
  /** Looks per second: 2.5, 5 or 10. */
  readonly fps: number;
  /** Without, nothing is noisy. */
  readonly seed?: number | undefined;
  readonly view?: ViewChange;
}

/** Times in seconds of the scene. */
export interface PlayedAlarm {
  readonly onsetS: number;
  /** When the rule said so. */
  readonly begunS: number;
  /** `undefined` when it is still open at the end of the scene. */
  readonly endS: number | undefined;
  readonly object: AlarmSubject | undefined;
  /** The newest of every figure. */
  readonly measures: Measures;
  readonly updates: number;
}

export interface Played {
  readonly alarms: readonly PlayedAlarm[];
  readonly counts: Measures;
}

/** @throws Error when the rule's signals make no sense, such as an end without a beginning. */
export function play(scenario: Scenario, options: PlayOptions): Played {
  const { fps, seed, view = UNCHANGED } = options;
  const camera = cameraOf(scenario);
  const ground = scenario.isCalibrated === true ? changeGround(camera, view) : undefined;
  const rule = createRule(changeRule(configOf(scenario), view), { ground });
  const noise = seed === undefined ? undefined : new Noise(seed);
  const stage = new Stage(camera, scenario.actors, scenario.occluders ?? []);
  const teller = new PictureTeller(scenario.picture ?? {}, stage, START_MS, noise);
  const tracker = new Tracker();
  const book = new AlarmBook();
  const tickFps = rule.watch === undefined ? fps : CAMERA_FPS;
  const phaseS = (noise?.phase() ?? 0) / tickFps;
  let lastFrame: EpochMs = START_MS;

  for (let tick = 0; phaseS + tick / tickFps <= scenario.durationS; tick++) {
    const timeS = phaseS + tick / tickFps;
    const at = START_MS + Math.round(timeS * 1000);
    if (teller.isLost(timeS)) {
      if (tick % Math.round(tickFps) === 0) {
        book.note(rule.miss?.(at, lastFrame) ?? [], at);
      }
      continue;
    }
    lastFrame = at;
    if (rule.watch !== undefined) {
      const followed = tracker.tracks.filter((track) => track.state !== "lost").map(toNorm);
      book.note(rule.watch(changePicture(teller.tell(timeS, followed), view)), at);
    }
    if (tick % Math.round(tickFps / fps) === 0) {
      const seen = detect(stage.sightsAt(timeS));
      const objects = track(tracker, at, noise?.spoil(seen) ?? seen, view);
      book.note(rule.evaluate({ at, aspect: ASPECT, objects }), at);
    }
  }
  return finish(rule, book, lastFrame);
}

function finish(rule: Rule, book: AlarmBook, at: EpochMs): Played {
  const alarms = book.alarms();
  book.note(rule.end?.(at) ?? [], at);
  if (rule.end !== undefined && book.hasOpen) {
    throw new Error("An alarm stayed open after the rule's end");
  }
  return { alarms, counts: rule.counts?.() ?? {} };
}

/** As the camera's pipeline does it: detections in pixels, confirmed tracks seen now. */
function track(
  tracker: Tracker,
  at: EpochMs,
  seen: readonly TrackedDetection[],
  view: ViewChange,
): readonly SceneObject[] {
  const inPx = seen.flatMap((one) => {
    const box = clip(one.box);
    return box === undefined ? [] : [{ ...one, box: toPx(box) }];
  });
  return tracker
    .update(at, inPx)
    .filter((one) => one.lastSeen === at && one.state === "confirmed")
    .map((one) => ({
      trackId: one.id,
      label: one.label,
      score: one.score,
      box: changeBox(toNorm(one), view),
      frames: one.hits,
    }));
}

function toPx({ left, top, width, height }: BoxNorm): BoxNorm {
  return {
    left: left * WIDTH_PX,
    top: top * HEIGHT_PX,
    width: width * WIDTH_PX,
    height: height * HEIGHT_PX,
  };
}

function toNorm({ box }: Track): BoxNorm {
  return {
    left: box.left / WIDTH_PX,
    top: box.top / HEIGHT_PX,
    width: box.width / WIDTH_PX,
    height: box.height / HEIGHT_PX,
  };
}

interface Entry {
  readonly onset: EpochMs;
  readonly begun: EpochMs;
  readonly object: AlarmSubject | undefined;
  endedAt: EpochMs | undefined;
  measures: Measures;
  updates: number;
}

/** Alarms by key, as their signals tell them. */
class AlarmBook {
  readonly #entries = new Map<number, Entry>();

  get hasOpen(): boolean {
    return [...this.#entries.values()].some((entry) => entry.endedAt === undefined);
  }

  note(signals: readonly AlarmSignal[], at: EpochMs): void {
    for (const signal of signals) {
      const entry = this.#entries.get(signal.key);
      if (signal.kind === "begin") {
        if (entry !== undefined || signal.onset > at) {
          throw new Error(`Alarm ${signal.key} begins twice or before its onset`);
        }
        const { onset, object, measures = {} } = signal;
        const begun = { onset, begun: at, object, endedAt: undefined, measures, updates: 0 };
        this.#entries.set(signal.key, begun);
      } else if (entry === undefined || entry.endedAt !== undefined) {
        throw new Error(`Alarm ${signal.key} goes on without being open`);
      } else if (signal.kind === "update") {
        entry.updates++;
        entry.measures = { ...entry.measures, ...signal.measures };
      } else {
        if (signal.endedAt < entry.onset || signal.endedAt > at) {
          throw new Error(`Alarm ${signal.key} ends before its onset or in the future`);
        }
        entry.endedAt = signal.endedAt;
      }
    }
  }

  alarms(): readonly PlayedAlarm[] {
    return [...this.#entries.values()].map((entry) => ({
      onsetS: (entry.onset - START_MS) / 1000,
      begunS: (entry.begun - START_MS) / 1000,
      endS: entry.endedAt === undefined ? undefined : (entry.endedAt - START_MS) / 1000,
      object: entry.object,
      measures: entry.measures,
      updates: entry.updates,
    }));
  }
}
