/**
 * Dispersal: people who stood or walked together run apart. Each of at least `count` has, within
 * `withinS` of the others, come from less than the limit's speed to more, from places close to one
 * another, and runs out of their middle; and they do not all run the same way. Measured by foot
 * points (middle of the box's lower edge), in metres where calibrated, else in heights. The onset
 * is the frame in which the first of them came to be fast.
 *
 * Who is who has to be told: at five looks a second a runner goes less than half his height between
 * two of them, at 2.5 nearly a whole one. People who stand nearer to one another than that are then
 * mixed up, and a part of such a group is missed.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import { footPoint, isInsidePolygon, type EpochMs } from "../../protocol/index.ts";
import { isFast, paceOf, sinceWhen, type Pace, type View } from "./parts/pace.ts";
import { Perspective } from "./parts/perspective.ts";
import { SingleAlarm } from "./parts/single-alarm.ts";
import { Trails, type Sighting, type Trail } from "./parts/trails.ts";
import { passes, type AlarmSignal, type Rule, type RuleSurroundings, type Scene } from "./rule.ts";

export type DispersalRuleConfig = RuleConfigOf<"dispersal">;

const WINDOW_MS = 800;
const KEEP_MS = 6000;
const GAP_MS = 1500;
/** Before it runs, a person was seen this long at least … */
const BEFORE_MS = 400;
/** … and was slower than this share of the limit. */
const SLOW_SHARE = 0.9;
/** Neighbours in a group stand this near, in heights of the person. */
const TOGETHER_HEIGHTS = 2;
/** The mean of their headings is shorter than this; 1 is all the same way. */
const SAME_WAY = 0.6;
/** Who ran so lately is still one of them, though out of sight or slower by now. */
const MEMORY_MS = 2500;

/** Somebody who came to run. */
interface Runner {
  readonly since: EpochMs;
  /** Where the run began. */
  readonly start: Sighting;
  last: Sighting;
  pace: Pace;
}

export class DispersalRule implements Rule {
  readonly #config: DispersalRuleConfig;
  readonly #view: View;
  readonly #limit: number;
  readonly #trails = new Trails({ keepMs: KEEP_MS, gapMs: GAP_MS });
  readonly #alarm: SingleAlarm;
  readonly #runners = new Map<Trail, Runner>();
  /** Who was only seen running: of the group, when the track broke, or from elsewhere. */
  readonly #newcomers = new Map<Trail, Runner>();
  #count = 0;

  constructor(config: DispersalRuleConfig, { ground }: RuleSurroundings) {
    this.#config = config;
    this.#view = { ground, perspective: new Perspective() };
    this.#limit = ground === undefined ? config.speedHeightsPerS : config.speedMps;
    this.#alarm = new SingleAlarm(config);
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    const people = scene.objects.filter((object) => passes(object, this.#config));
    for (const trail of this.#trails.observe(scene, people)) {
      this.#view.perspective.observe(trail.last);
      this.#follow(trail);
    }
    const memoryMs = MEMORY_MS + this.#config.withinS * 1000;
    for (const known of [this.#runners, this.#newcomers]) {
      for (const [trail, { last }] of known) {
        if (scene.at - last.at > memoryMs) {
          known.delete(trail);
        }
      }
    }
    const group = this.#dispersing(scene.at);
    return group === undefined ? this.#alarm.tick(scene.at) : this.#report(scene.at, group);
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#alarm.end(at);
  }

  /** Notes who runs, with where and when it began. */
  #follow(trail: Trail): void {
    const pace = paceOf(trail, WINDOW_MS, this.#view);
    if (pace === undefined || !isFast(pace, this.#limit)) {
      return;
    }
    const runner = this.#runners.get(trail);
    if (runner !== undefined) {
      runner.last = trail.last;
      runner.pace = pace;
      return;
    }
    const since = sinceWhen(trail, pace, this.#limit);
    const start = trail.sightings.find(({ at }) => at >= since);
    const first = trail.sightings[0];
    if (start === undefined || first === undefined) {
      return;
    }
    if (this.#wasSlow(trail, pace, start)) {
      this.#newcomers.delete(trail);
      this.#runners.set(trail, { since, start, last: trail.last, pace });
    } else if (start.at - first.at < BEFORE_MS) {
      this.#newcomers.set(trail, { since: first.since, start: first, last: trail.last, pace });
    }
  }

  /** Who enters the picture running did not come out of a group in sight. */
  #wasSlow({ sightings }: Trail, { place }: Pace, start: Sighting): boolean {
    const from = sightings.find(({ at, isCut }) => start.at - at <= 2000 && !isCut);
    const [before, then] = [from && place(from), place(start)];
    if (from === undefined || before === undefined || then === undefined) {
      return false;
    }
    const spanMs = start.at - from.at;
    const way = Math.hypot(then[0] - before[0], then[1] - before[1]);
    return spanMs >= BEFORE_MS && way / (spanMs / 1000) < SLOW_SHARE * this.#limit;
  }

  /** The largest group that runs apart now. */
  #dispersing(at: EpochMs): readonly Runner[] | undefined {
    const { zone, count, withinS } = this.#config;
    const recent = [...this.#runners.values()].filter(
      ({ start, last }) =>
        at - last.at <= MEMORY_MS &&
        (zone === undefined || isInsidePolygon(footPoint(start.object.box), zone)),
    );
    const fresh = [...this.#newcomers.values()].filter(({ last }) => last.at === at);
    return groupsOf(recent)
      .map((group) => withinTime(group, withinS * 1000))
      .map((group) => [...group, ...joining(group, fresh, at, withinS * 1000)])
      .filter(
        (group) =>
          group.length >= count && runsApart(group) && group.some(({ last }) => last.at === at),
      )
      .sort((a, b) => b.length - a.length)[0];
  }

  #report(at: EpochMs, group: readonly Runner[]): readonly AlarmSignal[] {
    const isNews = !this.#alarm.isOpen || group.length > this.#count;
    this.#count = this.#alarm.isOpen ? Math.max(this.#count, group.length) : group.length;
    const speed = group.reduce((sum, { pace }) => sum + pace.speed, 0) / group.length;
    return this.#alarm.see(at, {
      onset: Math.min(...group.map(({ since }) => since)),
      ...subjectOf(group, at),
      measures: {
        count: this.#count,
        ...(this.#view.ground === undefined ? { speedHeightsPerS: speed } : { speedMps: speed }),
      },
      isNews,
    });
  }
}

function subjectOf(
  group: readonly Runner[],
  at: EpochMs,
): { readonly object?: Sighting["object"] } {
  const seen = group.find(({ last }) => last.at === at);
  return seen === undefined ? {} : { object: seen.last.object };
}

/** Those whose starts are linked by less than the distance of people who are together. */
function groupsOf(runners: readonly Runner[]): readonly (readonly Runner[])[] {
  const left = [...runners];
  const groups: Runner[][] = [];
  for (let first = left.pop(); first !== undefined; first = left.pop()) {
    const group = [first];
    for (let i = 0; i < group.length; i++) {
      for (let j = left.length - 1; j >= 0; j--) {
        if (areTogether((group[i] as Runner).start, (left[j] as Runner).start)) {
          group.push(...left.splice(j, 1));
        }
      }
    }
    groups.push(group);
  }
  return groups;
}

/** Heights of the same size stand at the same distance; the picture shows depth shortened. */
function areTogether(a: Sighting, b: Sighting): boolean {
  const height = (a.height + b.height) / 2;
  const ratio = a.height / b.height;
  return (
    Math.abs(a.x - b.x) <= TOGETHER_HEIGHTS * height &&
    Math.abs(a.y - b.y) <= (TOGETHER_HEIGHTS / 2) * height &&
    ratio > 0.6 &&
    ratio < 1.67
  );
}

/** The most of them who began within this time of one another. */
function withinTime(group: readonly Runner[], withinMs: number): readonly Runner[] {
  const sorted = [...group].sort((a, b) => a.since - b.since);
  let best: readonly Runner[] = [];
  for (const { since } of sorted) {
    const these = sorted.filter((one) => one.since >= since && one.since - since <= withinMs);
    if (these.length > best.length) {
      best = these;
    }
  }
  return best;
}

/**
 * Those seen only running who came from where the group was, led back along their way to the moment
 * when it began to run. For every one of the group out of sight now, one of them may be the same.
 */
function joining(
  group: readonly Runner[],
  fresh: readonly Runner[],
  at: EpochMs,
  withinMs: number,
): readonly Runner[] {
  if (group.length < 2) {
    return [];
  }
  const began = Math.min(...group.map(({ since }) => since));
  const came = fresh.flatMap((runner): Runner[] => {
    const { start, last, since } = runner;
    const back = (start.at - began) / Math.max(1, last.at - start.at);
    const from = {
      ...start,
      x: start.x - (last.x - start.x) * back,
      y: start.y - (last.y - start.y) * back,
    };
    const isOne =
      since >= began &&
      since - began <= withinMs &&
      group.some((one) => areTogether(from, one.start));
    return isOne ? [{ ...runner, start: from }] : [];
  });
  return came.slice(group.filter(({ last }) => last.at < at).length);
}

/** Out of their middle, and not all one way. */
function runsApart(group: readonly Runner[]): boolean {
  const n = group.length;
  const middleX = group.reduce((sum, { start }) => sum + start.x, 0) / n;
  const middleY = group.reduce((sum, { start }) => sum + start.y, 0) / n;
  const leaving = group.filter(({ start, last }) => {
    const before = Math.hypot(start.x - middleX, start.y - middleY);
    return Math.hypot(last.x - middleX, last.y - middleY) > before;
  });
  const headingX = group.reduce((sum, { pace }) => sum + pace.heading[0], 0) / n;
  const headingY = group.reduce((sum, { pace }) => sum + pace.heading[1], 0) / n;
  return leaving.length >= 0.8 * n && Math.hypot(headingX, headingY) < SAME_WAY;
}
