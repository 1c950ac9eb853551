/**
 * Running: a person's foot point (middle of the box's lower edge) has moved faster than the limit
 * on the average of the hold time, in metres where calibrated, else in heights of a person. One
 * alarm for all who run while it lasts; the onset is the frame in which the first of them came to be
 * so fast. Boxes cut by the picture's border are not measured, nor is who rides a bicycle.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import { footPoint, isInsidePolygon, sharedArea, type EpochMs } from "../../protocol/index.ts";
import { isFast, paceOf, sinceWhen, type Pace, type View } from "./parts/pace.ts";
import { Perspective } from "./parts/perspective.ts";
import { SingleAlarm } from "./parts/single-alarm.ts";
import { Trails, type Trail } from "./parts/trails.ts";
import {
  passes,
  type AlarmSignal,
  type Measures,
  type Rule,
  type RuleSurroundings,
  type Scene,
} from "./rule.ts";

export type RunningRuleConfig = RuleConfigOf<"running">;

/** Over less, the jitter of boxes passes for speed. */
const MIN_WINDOW_MS = 800;
const KEEP_MS = 6000;
const GAP_MS = 1200;
/** A person over so much of a bicycle's box rides it. */
const RIDES_SHARE = 0.3;
const RIDDEN = ["bicycle", "motorcycle"];
/** Who has been seen so for this share of the last time rides; a vehicle is missed now and then. */
const RIDER_SHARE = 0.25;
const RIDER_MS = 2000;

interface Runner {
  readonly trail: Trail;
  readonly pace: Pace;
}

export class RunningRule implements Rule {
  readonly #config: RunningRuleConfig;
  readonly #view: View;
  readonly #limit: number;
  readonly #trails = new Trails({ keepMs: KEEP_MS, gapMs: GAP_MS });
  readonly #alarm: SingleAlarm;
  readonly #riding = new WeakMap<Trail, { readonly at: EpochMs; readonly share: number }>();
  /** Trails that the alarm under way has counted. */
  #counted = new WeakSet<Trail>();
  #count = 0;

  constructor(config: RunningRuleConfig, { ground }: RuleSurroundings) {
    this.#config = config;
    this.#view = { ground, perspective: new Perspective() };
    this.#limit = ground === undefined ? config.speedHeightsPerS : config.speedMps;
    this.#alarm = new SingleAlarm(config);
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    const people = scene.objects.filter((object) => passes(object, this.#config));
    const runners = this.#trails
      .observe(scene, people)
      .filter((trail) => !this.#isRider(trail, scene))
      .map((trail) => this.#judge(trail))
      .filter((runner) => runner !== undefined);
    return runners.length === 0
      ? this.#alarm.tick(scene.at)
      : this.#report(scene.at, runners as [Runner, ...Runner[]]);
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#alarm.end(at);
  }

  #isRider(trail: Trail, scene: Scene): boolean {
    const now = isRiding(trail.last.object.box, scene) ? 1 : 0;
    const { at, share } = this.#riding.get(trail) ?? { at: scene.at, share: now };
    const weight = 1 - Math.exp((at - scene.at) / RIDER_MS);
    const shareNow = share + weight * (now - share);
    this.#riding.set(trail, { at: scene.at, share: shareNow });
    return shareNow >= RIDER_SHARE;
  }

  #judge(trail: Trail): Runner | undefined {
    const { zone, holdS } = this.#config;
    this.#view.perspective.observe(trail.last);
    if (zone !== undefined && !isInsidePolygon(footPoint(trail.last.object.box), zone)) {
      return undefined;
    }
    const pace = paceOf(trail, Math.max(MIN_WINDOW_MS, holdS * 1000), this.#view);
    return pace !== undefined && isFast(pace, this.#limit) ? { trail, pace } : undefined;
  }

  #report(at: EpochMs, runners: readonly [Runner, ...Runner[]]): readonly AlarmSignal[] {
    if (!this.#alarm.isOpen) {
      this.#counted = new WeakSet();
      this.#count = 0;
    }
    const fresh = runners.filter(({ trail }) => !this.#counted.has(trail));
    for (const { trail } of fresh) {
      this.#counted.add(trail);
      this.#count++;
    }
    const subject = fresh[0] ?? runners[0];
    return this.#alarm.see(at, {
      onset: Math.min(...runners.map(({ trail, pace }) => sinceWhen(trail, pace, this.#limit))),
      object: subject.trail.last.object,
      measures: { count: this.#count, ...this.#speed(subject.pace.speed) },
      isNews: fresh.length > 0,
    });
  }

  #speed(speed: number): Measures {
    return this.#view.ground === undefined ? { speedHeightsPerS: speed } : { speedMps: speed };
  }
}

function isRiding(box: Scene["objects"][number]["box"], { objects }: Scene): boolean {
  return objects.some(
    (other) =>
      RIDDEN.includes(other.label) &&
      sharedArea(box, other.box) >= RIDES_SHARE * other.box.width * other.box.height,
  );
}
