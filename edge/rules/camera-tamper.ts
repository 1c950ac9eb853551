/**
 * Camera tamper and quality: something is wrong with the picture as a whole and has lasted for
 * `holdS`. One alarm for all configured checks; its measures name those that hold (`covered: 1`).
 *
 * - covered: hardly any of the usual structure is left, and it went within seconds, unlike at dusk;
 * - moved: there is structure, but not where it usually lies;
 * - blurred: structure is there and light, but far less sharp than usual;
 * - dark: hardly any light; frozen: every frame is the very same; lost: no frame comes.
 *
 * What is followed in front of the camera explains its share of the picture: a lorry that stops
 * there neither covers nor moves it. The onset is the first frame in which a check held.
 */
import type { RuleConfigOf, TamperCheck } from "../../config/index.ts";
import type { EpochMs } from "../../protocol/index.ts";
import type { PictureState } from "../gate/index.ts";
import { Lasting } from "./parts/lasting.ts";
import { SingleAlarm } from "./parts/single-alarm.ts";
import { WHOLE_PICTURE, ZoneGrid } from "./parts/zone-grid.ts";
import type { AlarmSignal, Measures, Rule } from "./rule.ts";

export type CameraTamperRuleConfig = RuleConfigOf<"camera-tamper">;

/** Shares of the usual structure: less is covered, more is not covered any more, more is sound. */
const COVERED = 0.25;
const UNCOVERED = 0.35;
const SOUND = 0.5;
/** A hand or a bag takes seconds, dusk and fog many minutes. */
const SUDDEN_MS = 8000;
/** Of the edges that are left, fewer lie where they usually do: the camera looks elsewhere. */
const MOVED = 0.45;
const MOVED_STRUCTURE = 0.4;
const BLURRED = 0.45;
/** Mean luma; black is 16 in video, a lamp-lit night about 40. */
const DARK = 24;
/** With more of the picture behind what is followed, nothing can be told of the rest. */
const HIDDEN = 0.75;

export class CameraTamperRule implements Rule {
  readonly #config: CameraTamperRuleConfig;
  readonly #lasting: ReadonlyMap<TamperCheck, Lasting>;
  readonly #grid = new ZoneGrid(WHOLE_PICTURE);
  readonly #alarm: SingleAlarm;
  /** Last frame with enough of the usual structure. */
  #lastSound: EpochMs = -Infinity;
  #isCovered = false;
  /** Checks that the alarm under way has named. */
  #named = new Set<TamperCheck>();

  constructor(config: CameraTamperRuleConfig) {
    this.#config = config;
    this.#lasting = new Map(
      config.checks.map((check) => [check, new Lasting(config.holdS * 1000)] as const),
    );
    this.#alarm = new SingleAlarm(config);
  }

  evaluate(): readonly AlarmSignal[] {
    return [];
  }

  watch(picture: PictureState): readonly AlarmSignal[] {
    const { at } = picture;
    const wrong = this.#whatIsWrong(picture);
    const since = new Map<TamperCheck, EpochMs>();
    for (const [check, lasting] of this.#lasting) {
      const from = lasting.observe(wrong.has(check), at);
      if (from !== undefined) {
        since.set(check, check === "frozen" ? (picture.quality.frozenSince ?? from) : from);
      }
    }
    return since.size === 0 ? this.#alarm.tick(at) : this.#report(at, since);
  }

  miss(at: EpochMs, lastFrameAt: EpochMs): readonly AlarmSignal[] {
    this.#alarm.hold(at);
    return this.#config.checks.includes("lost") && at - lastFrameAt >= this.#config.holdS * 1000
      ? this.#report(at, new Map([["lost", lastFrameAt]]))
      : [];
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#alarm.end(at);
  }

  #whatIsWrong({ at, quality, objects }: PictureState): ReadonlySet<TamperCheck> {
    const { brightness, structure, sharpness, alignment, frozenSince } = quality;
    const inSight = 1 - this.#grid.covered(objects);
    const isHidden = inSight < 1 - HIDDEN;
    if (structure >= SOUND * inSight) {
      this.#lastSound = at;
    }
    this.#isCovered = this.#isCovered
      ? structure < UNCOVERED * inSight
      : !isHidden && structure < COVERED * inSight && at - this.#lastSound <= SUDDEN_MS;
    const isMoved =
      structure >= MOVED_STRUCTURE && alignment < MOVED * Math.min(1, structure) * inSight;
    const isDark = brightness < DARK;
    const wrong = new Set<TamperCheck>();
    const note = (check: TamperCheck, isWrong: boolean): void => {
      if (isWrong) {
        wrong.add(check);
      }
    };
    note("covered", this.#isCovered);
    note("moved", isMoved && !isHidden);
    note("blurred", sharpness < BLURRED && !this.#isCovered && !isMoved && !isDark);
    note("dark", isDark);
    note("frozen", frozenSince !== undefined);
    return wrong;
  }

  #report(at: EpochMs, since: ReadonlyMap<TamperCheck, EpochMs>): readonly AlarmSignal[] {
    if (!this.#alarm.isOpen) {
      this.#named = new Set();
    }
    const before = this.#named.size;
    for (const check of since.keys()) {
      this.#named.add(check);
    }
    const measures: Measures = Object.fromEntries([...since.keys()].map((check) => [check, 1]));
    return this.#alarm.see(at, {
      onset: Math.min(...since.values()),
      measures,
      isNews: this.#named.size > before,
    });
  }
}
