/**
 * Removed object: the zone, drawn tightly around a thing that has to be there, looks different in at
 * least `share` of its area for `goneS`. Measured on the picture's lasting changes, over the zone's
 * area. Whatever stands or moves in front of it stops the clock without setting it back; changes
 * that reach far out of the zone are light, a shadow or something big in front. The onset is the first
 * frame in which the place looked different; the alarm ends when it looks as before again.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import { sharedArea, type BoxNorm, type EpochMs } from "../../protocol/index.ts";
import type { PictureState } from "../gate/index.ts";
import { SingleAlarm } from "./parts/single-alarm.ts";
import { ZoneGrid } from "./parts/zone-grid.ts";
import type { AlarmSignal, Rule } from "./rule.ts";

export type RemovedObjectRuleConfig = RuleConfigOf<"removed-object">;

/** Covering less of the zone, nobody stands in front of it. */
const FRONT_SHARE = 0.1;
/** A change of the thing alone has this much of its area in the zone … */
const OWN_SHARE = 0.4;
/** … with a step of the changes' boxes around it: picture widths and heights. */
const STEP = [0.03, 0.05] as const;
/** A place that does not look different for a moment costs so many times that moment. */
const DIP_COST = 2;
/** Of a longer gap between frames only this much counts. */
const LONGEST_STEP_MS = 2000;
/** While the alarm is on, less of the zone has to look different. */
const STAYS = 0.5;

export class RemovedObjectRule implements Rule {
  readonly #config: RemovedObjectRuleConfig;
  readonly #grid: ZoneGrid;
  readonly #around: BoxNorm;
  readonly #alarm: SingleAlarm;
  #goneMs = 0;
  #onset: EpochMs | undefined;
  /** Last frame in which the zone was in sight, and whether it looked different. */
  #last: { readonly at: EpochMs; readonly isGone: boolean } | undefined;
  #lastFront: EpochMs = -Infinity;

  constructor(config: RemovedObjectRuleConfig) {
    this.#config = config;
    this.#grid = new ZoneGrid(config.zone);
    const { left, top, width, height } = this.#grid.box;
    const [dx, dy] = STEP;
    this.#around = {
      left: left - dx,
      top: top - dy,
      width: width + 2 * dx,
      height: height + 2 * dy,
    };
    this.#alarm = new SingleAlarm(config);
  }

  evaluate(): readonly AlarmSignal[] {
    return [];
  }

  watch(picture: PictureState): readonly AlarmSignal[] {
    const { at, moving, objects } = picture;
    if (this.#grid.covered([...moving, ...objects]) >= FRONT_SHARE) {
      this.#lastFront = at;
      this.#last = undefined;
      this.#alarm.hold(at);
      return [];
    }
    const changes = picture.changes.filter(
      ({ box }) => sharedArea(box, this.#around) >= OWN_SHARE * box.width * box.height,
    );
    const changed = this.#grid.covered(changes.map(({ box }) => box));
    const isGone = changed >= this.#config.share * (this.#alarm.isOpen ? STAYS : 1);
    const touching = changes.filter(({ box }) => this.#grid.covered([box]) > 0);
    this.#count(at, isGone, Math.min(at, ...touching.map(({ since }) => since)));
    return isGone && this.#onset !== undefined && this.#goneMs >= this.#config.goneS * 1000
      ? this.#report(at, this.#onset, changed)
      : this.#alarm.tick(at);
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#alarm.end(at);
  }

  #count(at: EpochMs, isGone: boolean, since: EpochMs): void {
    const stepMs = Math.min(LONGEST_STEP_MS, Math.max(0, at - (this.#last?.at ?? at)));
    if (!isGone) {
      this.#goneMs = Math.max(0, this.#goneMs - DIP_COST * stepMs);
      if (this.#goneMs === 0) {
        this.#onset = undefined;
      }
    } else if (this.#onset === undefined) {
      // The picture takes a while to call a change lasting: that counts, as far as it was in sight.
      this.#onset = since;
      this.#goneMs = Math.max(0, at - Math.max(since, this.#lastFront));
    } else if (this.#last?.isGone === true) {
      this.#goneMs += stepMs;
    }
    this.#last = { at, isGone };
  }

  #report(at: EpochMs, onset: EpochMs, changedShare: number): readonly AlarmSignal[] {
    return this.#alarm.see(at, {
      onset,
      object: { box: this.#grid.box },
      measures: { changedShare, goneS: (at - onset) / 1000 },
    });
  }
}
