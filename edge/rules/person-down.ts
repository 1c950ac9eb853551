/**
 * Person down: a person's box that stood upright has become wide and low, its upper edge has sunk,
 * and it stays where it is. Compared with the same person's upright height of the last seconds; who
 * was never seen upright must be much wider than high. All of the box is measured, not the foot
 * point (which only tells whether it is in the zone); lengths are picture heights. One alarm for
 * all who lie while it lasts; the onset is the first lying frame.
 *
 * What a box cannot tell: someone lying along a steep view looks like someone crouching and is not
 * told; nor is who is cut by the picture's border, or stands half hidden behind something known.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import { isInsidePolygon, type EpochMs } from "../../protocol/index.ts";
import { SingleAlarm } from "./parts/single-alarm.ts";
import { Trails, type Sighting, type Trail } from "./parts/trails.ts";
import type { AlarmSignal, Rule, Scene, SceneObject } from "./rule.ts";

export type PersonDownRuleConfig = RuleConfigOf<"person-down">;

const KEEP_MS = 5000;
/** A fall may take a second and lose the track. */
const GAP_MS = 2000;
/** Boxes narrower than this share of their height stand. */
const UPRIGHT_ASPECT = 0.75;
/**
 * Shapes of someone lying: width ÷ height at least, height ÷ upright height at most. From across the
 * view over aslant to towards the camera. Crouching and sitting keep 0.5–0.75 of the height and are
 * narrower than high.
 */
const LYING = [
  [1.1, 0.55],
  [1.3, 0.7],
  [0.6, 0.47],
] as const;
/** Width ÷ height of someone lying who was never seen upright. */
const LYING_ASPECT = 1.4;
/** The head sinks by this much of the upright height at least; behind a wall it does not sink … */
const HEAD_SINKS = 0.2;
/** … but the lower edge rises, by more than this. */
const FOOT_RISES = 0.35;
/** Nearer than this share of its length is the same place. */
const SAME_PLACE = 0.6;
/** A lying person's known length and height, within this factor. */
const SAME_SIZE = 1.6;
/** Share of every new height in the known one. */
const FOLLOW = 0.1;

/** Where somebody lies. */
interface Place {
  readonly since: EpochMs;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  height: number;
  lastSeen: EpochMs;
  isCounted: boolean;
}

interface Upright {
  readonly heights: (readonly [EpochMs, number])[];
  last: Sighting;
}

export class PersonDownRule implements Rule {
  readonly #config: PersonDownRuleConfig;
  readonly #trails = new Trails({ keepMs: KEEP_MS, gapMs: GAP_MS });
  readonly #upright = new WeakMap<Trail, Upright>();
  readonly #alarm: SingleAlarm;
  #places: Place[] = [];

  constructor(config: PersonDownRuleConfig) {
    this.#config = config;
    this.#alarm = new SingleAlarm(config);
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    const { at } = scene;
    const people = scene.objects.filter((object) => this.#takes(object, scene.aspect));
    const signals = this.#trails
      .observe(scene, people)
      .flatMap((trail) => this.#judge(trail, scene));
    this.#forget(at);
    return [...signals, ...this.#alarm.tick(at)];
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#alarm.end(at);
  }

  /** As `passes`, but a lying person is measured along its length. */
  #takes({ label, score, box }: SceneObject, aspect: number): boolean {
    const { classes, minScore, minHeight, maxHeight } = this.#config;
    const size = Math.max(box.height, box.width * aspect);
    return (
      classes.includes(label) && score >= minScore && size >= minHeight && box.height <= maxHeight
    );
  }

  #judge(trail: Trail, scene: Scene): readonly AlarmSignal[] {
    const { last } = trail;
    const known = this.#placeOf(last);
    const isHidden = scene.objects.some((other) => hides(other, last.object));
    if (!last.isCut && !isHidden && last.width < UPRIGHT_ASPECT * last.height) {
      this.#noteUpright(trail);
    }
    const isLying =
      known === undefined ? !isHidden && this.#hasFallen(trail) : isAsBefore(last, known);
    if (last.isCut || !isLying || !this.#isInZone(last)) {
      return [];
    }
    const place = known ?? this.#addPlace(last);
    place.lastSeen = last.at;
    place.height += FOLLOW * (last.height - place.height);
    return last.at - place.since < this.#config.downS * 1000 ? [] : this.#report(place, last);
  }

  #report(place: Place, { at, object }: Sighting): readonly AlarmSignal[] {
    if (!this.#alarm.isOpen) {
      for (const one of this.#places) {
        one.isCounted = false;
      }
    }
    const isNews = !place.isCounted;
    place.isCounted = true;
    const count = this.#places.filter((one) => one.isCounted).length;
    return this.#alarm.see(at, {
      onset: place.since,
      object,
      measures: { count, dwellS: (at - place.since) / 1000 },
      isNews,
    });
  }

  #noteUpright(trail: Trail): void {
    const { last } = trail;
    const upright = this.#upright.get(trail) ?? { heights: [], last };
    this.#upright.set(trail, upright);
    upright.last = last;
    upright.heights.push([last.at, last.height]);
    while ((upright.heights[0] as readonly [EpochMs, number])[0] < last.at - KEEP_MS) {
      upright.heights.shift();
    }
  }

  #hasFallen(trail: Trail): boolean {
    const { last } = trail;
    const aspect = last.width / last.height;
    const upright = this.#upright.get(trail);
    if (upright === undefined) {
      return aspect >= LYING_ASPECT;
    }
    const full = upright.heights.map(([, height]) => height).sort((a, b) => a - b);
    const height = full[Math.floor(full.length * 0.7)] as number;
    const headSinks = last.y - last.height - (upright.last.y - upright.last.height);
    const footRises = upright.last.y - last.y;
    return (
      headSinks >= HEAD_SINKS * height &&
      footRises <= FOOT_RISES * height &&
      LYING.some(([wide, low]) => aspect >= wide && last.height <= low * height)
    );
  }

  #isInZone({ object: { box } }: Sighting): boolean {
    const { zone } = this.#config;
    const foot = [box.left + box.width / 2, box.top + box.height] as const;
    return zone === undefined || isInsidePolygon(foot, zone);
  }

  #placeOf(sighting: Sighting): Place | undefined {
    const size = sizeOf(sighting);
    return this.#places.find(
      (place) =>
        Math.hypot(sighting.x - place.x, middleOf(sighting) - place.y) <=
        SAME_PLACE * Math.max(size, place.size),
    );
  }

  #addPlace(sighting: Sighting): Place {
    const place = {
      since: sighting.since,
      x: sighting.x,
      y: middleOf(sighting),
      size: sizeOf(sighting),
      height: sighting.height,
      lastSeen: sighting.at,
      isCounted: false,
    };
    this.#places.push(place);
    return place;
  }

  #forget(at: EpochMs): void {
    const clearMs = this.#config.clearS * 1000;
    this.#places = this.#places.filter(
      ({ lastSeen, isCounted }) =>
        at - lastSeen <= (isCounted ? Math.max(GAP_MS, clearMs) : GAP_MS),
    );
  }
}

function sizeOf({ width, height }: Sighting): number {
  return Math.max(width, height);
}

function middleOf({ y, height }: Sighting): number {
  return y - height / 2;
}

/** Where somebody lies, a box of about that length and no higher is that person. */
function isAsBefore(sighting: Sighting, place: Place): boolean {
  const ratio = sizeOf(sighting) / place.size;
  return (
    sighting.height <= SAME_SIZE * place.height && ratio <= SAME_SIZE && ratio >= 1 / SAME_SIZE
  );
}

/** Whether the lower edge of an object is likely to be hidden by a nearer one. */
function hides(other: SceneObject, { box, trackId }: SceneObject): boolean {
  const { left, top, width, height } = other.box;
  const bottom = box.top + box.height;
  const shared = Math.min(left + width, box.left + box.width) - Math.max(left, box.left);
  return (
    other.trackId !== trackId &&
    shared >= box.width / 2 &&
    top < bottom &&
    top + height > bottom + 0.1 * box.height
  );
}
