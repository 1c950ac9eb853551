/**
 * Camera tamper and quality: something is wrong with the picture as a whole and has lasted for
 * `holdS`. One alarm for all configured checks; its measures name those that hold (`covered: 1`).
 *
 * - covered: hardly any of the usual structure is left, and it went within seconds, unlike at dusk;
 * - moved: there is structure, but not where it usually lies;
 * - blurred: it is light, and what edges there are are far less sharp than usual;
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
/** Fewer edges lie where they usually do: the camera looks elsewhere. By chance a tenth agree. */
const MOVED = 0.4;
const MOVED_STRUCTURE = 0.5;
const BLURRED = 0.45;
/** Mean luma; black is 16 in video, a lamp-lit night about 40. */
const DARK = 30;
/** With more of the picture behind what is followed, nothing can be told of the rest. */
const HIDDEN = 0.75;

export class CameraTamperRule implements Rule {
  readonly #config: CameraTamperRuleConfig;
  readonly #holdMs: number;
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
    this.#holdMs = config.holdS * 1000;
    const held = config.checks.filter((check) => check !== "frozen" && check !== "lost");
    this.#lasting = new Map(held.map((check) => [check, new Lasting(this.#holdMs)] as const));
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
        since.set(check, from);
      }
    }
    const { frozenSince = at } = picture.quality;
    if (this.#config.checks.includes("frozen") && at - frozenSince >= this.#holdMs) {
      since.set("frozen", frozenSince); // Told so late that nothing is left to wait for.
    }
    const goesOn = this.#alarm.isOpen && this.#config.checks.some((check) => wrong.has(check));
    return since.size > 0 || goesOn ? this.#report(at, since) : this.#alarm.tick(at);
  }

  miss(at: EpochMs, lastFrameAt: EpochMs): readonly AlarmSignal[] {
    this.#alarm.hold(at);
    return this.#config.checks.includes("lost") && at - lastFrameAt >= this.#holdMs
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
    const isMoved = structure >= MOVED_STRUCTURE && alignment < MOVED * inSight;
    const isDark = brightness < DARK;
    const wrong = new Set<TamperCheck>();
    const note = (check: TamperCheck, isWrong: boolean): void => {
      if (isWrong) {
        wrong.add(check);
      }
    };
    note("covered", this.#isCovered);
    note("moved", isMoved && !isHidden);
    note("blurred", sharpness < BLURRED && !isMoved && !isDark);
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
    const measures: Measures = Object.fromEntries([...this.#named].map((check) => [check, 1]));
    return this.#alarm.see(at, {
      onset: Math.min(at, ...since.values()),
      measures,
      isNews: this.#named.size > before,
    });
  }
}
