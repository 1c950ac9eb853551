/**
 * Tries a rule on what its camera remembers: the rule's own code, with fresh state, is given again
 * what the running rules were given. It yields to the event loop, so that no camera waits for it.
 */
import { setImmediate as otherWork } from "node:timers/promises";
import type { RuleConfig } from "../../config/index.ts";
import {
  footPoint,
  formatTime,
  type AlarmId,
  type BoxNorm,
  type EpochMs,
  type RuleTest,
  type TestGap,
} from "../../protocol/index.ts";
import type { PictureState } from "../gate/index.ts";
import { isOnSchedule, type Scene, type SceneObject } from "../rules/index.ts";
import { remembered, type Remembered } from "./remembered.ts";
import type { Stretch } from "./track-memory.kernel.ts";

/** A step of an alarm, as far as a test tells of it. */
export interface TestedStep {
  readonly alarmId: AlarmId;
  readonly phase: "new" | "update" | "end" | "cancel";
  readonly onset: EpochMs;
  readonly endedAt?: EpochMs;
  readonly object?: { readonly box?: BoxNorm };
}

/** The rule at work; what runs in a camera fits. */
export interface TestedRule {
  readonly watchesPicture: boolean;
  evaluate(scene: Scene): readonly TestedStep[];
  watch(picture: PictureState): readonly TestedStep[];
  miss(at: EpochMs, lastFrameAt: EpochMs): readonly TestedStep[];
}

export interface RuleTestOptions {
  readonly config: RuleConfig;
  readonly rule: TestedRule;
  readonly stretch: Stretch;
  readonly timeZone: string;
  /** Since when the model is asked for a class; undefined: it is not. */
  readonly askedSince: (label: string) => EpochMs | undefined;
  readonly signal: AbortSignal;
}

/** Work between two yields, ms. */
const SLICE_MS = 2;
/** Records between two looks at the time. */
const CHECK_EVERY = 8;
const MAX_ALARMS = 200;
const MAX_FOOTPRINTS = 2_000;
/** The picture was not watched where nothing of it is remembered for so long beside looks, ms. */
const UNWATCHED_MS = 10_000;

/** @throws the signal's reason when it is aborted. */
export async function testRule(options: RuleTestOptions): Promise<RuleTest> {
  const run = new TestRun(options);
  let sliceFrom = performance.now();
  let count = 0;
  for (const one of remembered(options.stretch)) {
    run.take(one);
    count++;
    if (count % CHECK_EVERY === 0 && performance.now() - sliceFrom > SLICE_MS) {
      await otherWork();
      options.signal.throwIfAborted();
      sliceFrom = performance.now();
    }
  }
  return run.result();
}

type TestedAlarm = RuleTest["alarms"][number];

class TestRun {
  readonly #options: RuleTestOptions;
  readonly #alarms = new Map<AlarmId, TestedAlarm>();
  readonly #tracks = new Set<number>();
  readonly #gaps = new Set<TestGap>();
  readonly #footprints: Footprints;
  #alarmCount = 0;
  #looks = 0;
  #from: EpochMs | undefined;
  #to: EpochMs | undefined;
  #pictureAt: EpochMs | undefined;

  constructor(options: RuleTestOptions) {
    this.#options = options;
    this.#footprints = new Footprints(options.config);
    if (options.config.kind === "thrown-object") {
      this.#gaps.add("fine-motion");
    }
  }

  take(one: Remembered): void {
    this.#from ??= one.at;
    this.#to = Math.max(this.#to ?? one.at, one.at);
    this.#noteGaps(one);
    if (one.kind === "scene") {
      this.#looks += one.isLook ? 1 : 0;
      if (!one.isSame) {
        for (const object of one.scene.objects) {
          this.#tracks.add(object.trackId);
          this.#footprints.add(object);
        }
      }
    }
    if (!this.#gaps.has("fine-motion")) {
      for (const step of this.#run(one)) {
        this.#note(step);
      }
    }
  }

  result(): RuleTest {
    const [from, to] = [this.#from, this.#to];
    this.#noteClasses(from);
    return {
      ...(from === undefined || to === undefined
        ? {}
        : { from: formatTime(from), to: formatTime(to) }),
      looks: this.#looks,
      incomplete: [...this.#gaps],
      tracks: this.#tracks.size,
      alarms: [...this.#alarms.values()],
      alarmCount: this.#alarmCount,
      footprints: this.#footprints.points,
    };
  }

  #run(one: Remembered): readonly TestedStep[] {
    const { rule } = this.#options;
    switch (one.kind) {
      case "scene":
        return rule.evaluate(one.scene);
      case "picture":
        return rule.watch(one.picture);
      case "missed":
        return rule.miss(one.at, one.lastFrameAt);
    }
  }

  #note({ alarmId, phase, onset, endedAt, object }: TestedStep): void {
    const alarm = this.#alarms.get(alarmId);
    if (phase === "end" && alarm !== undefined && endedAt !== undefined) {
      this.#alarms.set(alarmId, { ...alarm, ended: formatTime(Math.max(onset, endedAt)) });
    } else if (phase === "new") {
      this.#alarmCount++;
      if (this.#alarms.size < MAX_ALARMS) {
        const box = object?.box;
        const begun = { id: alarmId, onset: formatTime(onset) };
        this.#alarms.set(alarmId, box === undefined ? begun : { ...begun, box: roundBox(box) });
      }
    }
  }

  #noteGaps({ kind, at }: Remembered): void {
    const { config, rule, timeZone } = this.#options;
    if (!isOnSchedule(config.schedule, at, timeZone)) {
      this.#gaps.add("schedule");
    }
    if (!rule.watchesPicture) {
      return;
    }
    if (kind === "scene" && at - (this.#pictureAt ?? this.#from ?? at) > UNWATCHED_MS) {
      this.#gaps.add("picture");
    } else if (kind !== "scene") {
      this.#pictureAt = at;
    }
  }

  #noteClasses(from: EpochMs | undefined): void {
    const { config, askedSince } = this.#options;
    const classes = "classes" in config ? config.classes : [];
    if (from !== undefined && classes.some((label) => (askedSince(label) ?? Infinity) > from)) {
      this.#gaps.add("classes");
    }
    const { watchesPicture } = this.#options.rule;
    if (watchesPicture && this.#looks > 0 && this.#pictureAt === undefined) {
      this.#gaps.add("picture");
    }
  }
}

/** Evenly thinned: whenever they are too many, every other one goes. */
class Footprints {
  points: [number, number][] = [];
  readonly #classes: readonly string[] | undefined;
  #step = 1;
  #count = 0;

  constructor(config: RuleConfig) {
    this.#classes = "classes" in config ? config.classes : undefined;
  }

  add({ label, box }: SceneObject): void {
    if (this.#classes?.includes(label) === false || this.#count++ % this.#step !== 0) {
      return;
    }
    const [x, y] = footPoint(box);
    this.points.push([round(x), round(y)]);
    if (this.points.length >= MAX_FOOTPRINTS) {
      this.points = this.points.filter((_, index) => index % 2 === 0);
      this.#step *= 2;
    }
  }
}

/** A hundredth of a thousandth of the picture is finer than any screen. */
function round(value: number): number {
  return Math.min(1, Math.max(0, Math.round(value * 10_000) / 10_000));
}

function roundBox({ left, top, width, height }: BoxNorm): BoxNorm {
  return { left: round(left), top: round(top), width: round(width), height: round(height) };
}
