/**
 * Falling or thrown object: something small in the zone falls by at least `minFall` and faster and
 * faster, as gravity makes it. Measured at the middle of what moves between two frames; its path
 * has to be a parabola: height quadratic and place linear in time. Birds rise or glide, rain and
 * leaves fall at one speed, lifts and people hardly gain speed.
 *
 * It needs every frame of the camera, ten a second or more: a fall takes about a second, and four
 * points of it at least have to be seen. Five frames a second do for falls of more than 0.8 s; at
 * 2.5 nothing can be told. More small moving things than a few in the zone are weather, and
 * nothing is told then. The onset is the first frame of the fall.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import { isInsidePolygon, sharedArea, type BoxNorm, type EpochMs } from "../../protocol/index.ts";
import type { PictureState } from "../gate/index.ts";
import { findFall, type Fall, type FallPoint } from "./parts/free-fall.ts";
import { boxAround } from "./parts/picture-space.ts";
import { SingleAlarm } from "./parts/single-alarm.ts";
import type { AlarmSignal, Rule } from "./rule.ts";

export type ThrownObjectRuleConfig = RuleConfigOf<"thrown-object">;

/** A path goes on over frames in which nothing was seen of it. */
const MISS_MS = 450;
/** No fall in sight lasts longer. */
const KEEP_MS = 4000;
const MAX_PATHS = 64;
/** More small moving things at once, on the mean of this time, are rain, snow or leaves. */
const WEATHER = 5;
const WEATHER_MS = 1000;
/** How far off a point may be, in picture fractions, and its share of the expected step. */
const SLACK = 0.02;
const SLACK_OF_STEP = 0.5;
/** Largest acceleration: three metres of height fill the picture, a second squared. */
const MAX_GAIN = 3;
/** First step of a path, whose speed is not known yet: picture fractions a second. */
const FIRST_DOWN = 1.5;
const FIRST_ASIDE = 0.8;
/** Sizes of one thing differ by less than this factor. */
const SAME_SIZE = 3;

interface PathPoint extends FallPoint {
  readonly box: BoxNorm;
}

interface BlobPath {
  readonly points: PathPoint[];
  last: PathPoint;
  isTold: boolean;
}

export class ThrownObjectRule implements Rule {
  readonly #config: ThrownObjectRuleConfig;
  readonly #alarm: SingleAlarm;
  #paths: BlobPath[] = [];
  #count = 0;
  /** Small moving things in the last frames. */
  #crowd: { readonly at: EpochMs; readonly count: number }[] = [];

  constructor(config: ThrownObjectRuleConfig) {
    this.#config = config;
    this.#alarm = new SingleAlarm(config);
  }

  evaluate(): readonly AlarmSignal[] {
    return [];
  }

  watch(picture: PictureState): readonly AlarmSignal[] {
    const { at } = picture;
    const blobs = this.#blobs(picture);
    const grown = this.#join(blobs, at);
    const signals = this.#isWeather(blobs.length, at)
      ? []
      : grown.flatMap((path) => this.#judge(path, at));
    return [...signals, ...this.#alarm.tick(at)];
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#alarm.end(at);
  }

  #isWeather(count: number, at: EpochMs): boolean {
    this.#crowd.push({ at, count });
    this.#crowd = this.#crowd.filter((one) => at - one.at <= WEATHER_MS);
    const total = this.#crowd.reduce((sum, one) => sum + one.count, 0);
    return total > WEATHER * this.#crowd.length;
  }

  #blobs({ at, moving, objects }: PictureState): PathPoint[] {
    const { zone, maxSize } = this.#config;
    return moving
      .map((box) => ({
        box,
        timeS: at / 1000,
        x: box.left + box.width / 2,
        y: box.top + box.height / 2,
      }))
      .filter(
        ({ box, x, y }) =>
          box.width <= maxSize &&
          box.height <= maxSize &&
          isInsidePolygon([x, y], zone) &&
          !objects.some((object) => isPartOf(box, object)),
      );
  }

  /** Gives each path the point that fits it best, longest paths first; what is left begins one. */
  #join(blobs: readonly PathPoint[], at: EpochMs): readonly BlobPath[] {
    const free = new Set(blobs);
    this.#paths = this.#paths.filter(({ last }) => at / 1000 - last.timeS <= MISS_MS / 1000);
    this.#paths.sort((a, b) => b.points.length - a.points.length);
    const grown: BlobPath[] = [];
    for (const path of this.#paths) {
      const next = nearest(path, free);
      if (next !== undefined) {
        free.delete(next);
        path.points.push(next);
        path.last = next;
        while ((path.points[0] as PathPoint).timeS < next.timeS - KEEP_MS / 1000) {
          path.points.shift();
        }
        grown.push(path);
      }
    }
    for (const blob of free) {
      if (this.#paths.length < MAX_PATHS) {
        this.#paths.push({ points: [blob], last: blob, isTold: false });
      }
    }
    return grown;
  }

  #judge(path: BlobPath, at: EpochMs): readonly AlarmSignal[] {
    const fall = findFall(path.points, this.#config.minFall);
    return fall === undefined ? [] : this.#report(path, fall, at);
  }

  #report(path: BlobPath, fall: Fall, at: EpochMs): readonly AlarmSignal[] {
    if (!this.#alarm.isOpen) {
      this.#count = 0;
    }
    const isNews = !path.isTold || this.#count === 0;
    this.#count += isNews ? 1 : 0;
    path.isTold = true;
    const boxes = path.points.filter(({ timeS }) => timeS >= fall.fromS).map(({ box }) => box);
    return this.#alarm.see(at, {
      onset: Math.round(fall.fromS * 1000),
      object: { box: boxAround(boxes) },
      measures: { count: this.#count, fallShare: fall.drop, fallS: at / 1000 - fall.fromS },
      isNews,
    });
  }
}

/** Limbs and parts of what is followed move as well; a thing as small as the blob is itself. */
function isPartOf(blob: BoxNorm, object: BoxNorm): boolean {
  const area = blob.width * blob.height;
  return sharedArea(blob, object) >= area / 2 && object.width * object.height > SAME_SIZE * area;
}

function nearest({ points, last }: BlobPath, free: ReadonlySet<PathPoint>): PathPoint | undefined {
  const before = points.at(-2);
  let best: PathPoint | undefined;
  let bestMiss = Infinity;
  for (const next of free) {
    if (!isSameSize(last.box, next.box)) {
      continue;
    }
    const miss = before === undefined ? firstMiss(last, next) : missOf(before, last, next);
    if (miss < bestMiss) {
      best = next;
      bestMiss = miss;
    }
  }
  return best;
}

/** Distance from where the path's speed leads; infinite when farther than gravity can take it. */
function missOf(before: PathPoint, last: PathPoint, next: PathPoint): number {
  const stepS = next.timeS - last.timeS;
  const ahead = last.timeS > before.timeS ? stepS / (last.timeS - before.timeS) : 0;
  const [stepX, stepY] = [(last.x - before.x) * ahead, (last.y - before.y) * ahead];
  const [offX, offY] = [next.x - last.x - stepX, next.y - last.y - stepY];
  const slack = SLACK + SLACK_OF_STEP * Math.hypot(stepX, stepY);
  const gain = MAX_GAIN * stepS * stepS;
  return Math.abs(offX) <= slack && offY >= -slack && offY <= slack + gain
    ? Math.hypot(offX, offY)
    : Infinity;
}

function firstMiss(last: PathPoint, next: PathPoint): number {
  const stepS = next.timeS - last.timeS;
  const [dx, dy] = [next.x - last.x, next.y - last.y];
  return Math.abs(dx) <= SLACK + FIRST_ASIDE * stepS &&
    dy >= -SLACK &&
    dy <= SLACK + FIRST_DOWN * stepS
    ? Math.hypot(dx, dy)
    : Infinity;
}

function isSameSize(a: BoxNorm, b: BoxNorm): boolean {
  const ratio = Math.max(a.width, a.height) / Math.max(b.width, b.height);
  return ratio <= SAME_SIZE && ratio >= 1 / SAME_SIZE;
}
