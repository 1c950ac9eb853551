/**
 * Wrong way: an object travels through a zone against the allowed direction. Its foot point (middle
 * of the box's lower edge), averaged over 0.8 s, is followed on the ground where the camera is
 * calibrated and in the picture otherwise; boxes cut by the lower border are left out. The way is
 * counted from where the object was farthest along the allowed direction, only its part against that
 * direction counts, and it must consist of several steps: a track whose id jumps to the next car is
 * no way. One alarm for the zone, however many go wrong while it lasts.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import type { BoxNorm, EpochMs } from "../../protocol/index.ts";
import type { Ground } from "../ground/index.ts";
import { BlindTime } from "./parts/blind-time.ts";
import { standsIn } from "./parts/picture-space.ts";
import { SingleAlarm } from "./parts/single-alarm.ts";
import { shiftShare } from "./parts/standstill.ts";
import { Trails, type Sighting, type Trail } from "./parts/trails.ts";
import {
  passes,
  type AlarmSignal,
  type Measures,
  type Rule,
  type RuleSurroundings,
  type Scene,
} from "./rule.ts";

/** Over this time the position is averaged. */
const AVERAGE_MS = 800;
/** Unseen for longer, an object begins afresh. */
const GAP_MS = 2000;
/** Who went the wrong way and has stood for longer than this does not drive any more. */
const STOP_MS = 30_000;
/** Share of the way that has to remain without its longest step. */
const STEADY_SHARE = 0.3;
/** The box must have moved by this share of its size; a half hidden one only seems to. */
const MOVE_SHARE = 0.25;
/** A gain of less than this share of the way is jitter of an object that stands. */
const GAIN_SHARE = 0.1;
const LOWER_BORDER = 0.996;

type Vector = readonly [number, number];

/** A place along the way; lengths in metres or picture heights. */
interface Mark {
  readonly at: EpochMs;
  readonly point: Vector;
  /** How far against the allowed direction. */
  readonly against: number;
  readonly box: BoxNorm;
}

interface Drive {
  start: Mark;
  /** Last unaveraged progress, and its longest step since the start. */
  lastRaw: number;
  longestStep: number;
  /** While it goes the wrong way: the farthest it came, and when. */
  wrong: { farthest: number; gainedAt: EpochMs } | undefined;
}

export class WrongWayRule implements Rule {
  readonly #config: RuleConfigOf<"wrong-way">;
  readonly #ground: Ground | undefined;
  /** On the ground; `undefined` without calibration. */
  readonly #allowedM: Vector | undefined;
  readonly #trails = new Trails({ keepMs: AVERAGE_MS, gapMs: GAP_MS });
  readonly #drives = new WeakMap<Trail, Drive>();
  readonly #alarm: SingleAlarm;
  readonly #blind = new BlindTime();

  constructor(config: RuleConfigOf<"wrong-way">, { ground }: RuleSurroundings) {
    this.#config = config;
    this.#alarm = new SingleAlarm(config);
    const [from, to] = config.allowed.map((point) => ground?.toMetres(point));
    if (from !== undefined && to !== undefined) {
      this.#ground = ground;
      this.#allowedM = direction(from, to);
    }
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    if (this.#blind.step(scene.at) > 0) {
      this.#alarm.hold(scene.at);
    }
    const objects = scene.objects.filter(
      (object) => passes(object, this.#config) && object.box.top + object.box.height < LOWER_BORDER,
    );
    const wrong: { readonly trail: Trail; readonly mark: Mark; readonly isNew: boolean }[] = [];
    for (const trail of this.#trails.observe(scene, objects)) {
      const wasWrong = this.#drives.get(trail)?.wrong !== undefined;
      const mark = this.#follow(trail, scene);
      if (mark !== undefined) {
        wrong.push({ trail, mark, isNew: !wasWrong });
      }
    }
    const chosen = wrong.find(({ isNew }) => isNew) ?? wrong[0];
    if (chosen === undefined) {
      return this.#alarm.tick(scene.at);
    }
    const { start } = this.#drives.get(chosen.trail) as Drive;
    return this.#alarm.see(scene.at, {
      onset: start.at,
      object: chosen.trail.last.object,
      measures: { ...this.#measure(start, chosen.mark), count: wrong.length },
      isNews: chosen.isNew,
    });
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#alarm.end(at);
  }

  /** Where it is now, if it goes the wrong way. */
  #follow(trail: Trail, { at, aspect }: Scene): Mark | undefined {
    const before = this.#drives.get(trail);
    const { box } = trail.last.object;
    const mark = standsIn(this.#config.zone, box, before !== undefined, aspect)
      ? this.#markOf(trail, aspect)
      : undefined;
    if (mark === undefined) {
      this.#drives.delete(trail);
      return undefined;
    }
    const raw = this.#against(this.#placeOf(trail.last), aspect);
    const drive = before ?? { start: mark, lastRaw: raw, longestStep: 0, wrong: undefined };
    this.#drives.set(trail, drive);
    drive.longestStep = Math.max(drive.longestStep, raw - drive.lastRaw);
    drive.lastRaw = raw;
    const isWrong =
      drive.wrong === undefined
        ? this.#becomesWrong(drive, mark, aspect)
        : this.#staysWrong(drive, drive.wrong, mark, at);
    return isWrong ? mark : undefined;
  }

  #becomesWrong(drive: Drive, mark: Mark, aspect: number): boolean {
    if (mark.against <= drive.start.against) {
      restart(drive, mark);
      return false;
    }
    const way = mark.against - drive.start.against;
    const isFar = way >= this.#needed(drive.start, mark);
    const isSteady = way - drive.longestStep >= STEADY_SHARE * way;
    const hasMoved = shiftShare(drive.start.box, mark.box, aspect) >= MOVE_SHARE;
    if (!isFar || !isSteady || !hasMoved || !this.#isOpposite(drive.start, mark, way)) {
      return false;
    }
    drive.wrong = { farthest: mark.against, gainedAt: mark.at };
    return true;
  }

  /** Until it has turned round and come back, or stood for long. */
  #staysWrong(drive: Drive, wrong: NonNullable<Drive["wrong"]>, mark: Mark, at: EpochMs): boolean {
    const needed = this.#needed(drive.start, mark);
    if (mark.against > wrong.farthest + GAIN_SHARE * needed) {
      wrong.farthest = mark.against;
      wrong.gainedAt = at;
    }
    if (mark.against > wrong.farthest - needed && at - wrong.gainedAt <= STOP_MS) {
      return true;
    }
    drive.wrong = undefined;
    restart(drive, mark);
    return false;
  }

  /** The way as a whole leaves the opposite of the allowed direction by no more than allowed. */
  #isOpposite(start: Mark, { point }: Mark, way: number): boolean {
    const length = Math.hypot(point[0] - start.point[0], point[1] - start.point[1]);
    return way >= length * Math.cos((this.#config.toleranceDeg * Math.PI) / 180);
  }

  #needed(start: Mark, mark: Mark): number {
    const { travelM, travelHeights } = this.#config;
    return this.#allowedM === undefined ? travelHeights * heightOf(start, mark) : travelM;
  }

  #measure(start: Mark, mark: Mark): Measures {
    const way = mark.against - start.against;
    const seconds = Math.max(1, mark.at - start.at) / 1000;
    if (this.#allowedM !== undefined) {
      return { travelM: way, speedMps: way / seconds };
    }
    const heights = way / heightOf(start, mark);
    return { travelHeights: heights, speedHeightsPerS: heights / seconds };
  }

  #markOf(trail: Trail, aspect: number): Mark | undefined {
    const { last } = trail;
    const points = trail.sightings
      .filter((one) => last.at - one.at <= AVERAGE_MS)
      .map((one) => this.#placeOf(one));
    const [x, y] = [0, 1].map((axis) => {
      const sum = points.reduce((total, point) => total + (point?.[axis] ?? Number.NaN), 0);
      return sum / points.length;
    }) as [number, number];
    return Number.isFinite(x) && Number.isFinite(y)
      ? { at: last.at, point: [x, y], against: this.#against([x, y], aspect), box: last.object.box }
      : undefined;
  }

  /** Metres, or picture heights. */
  #placeOf({ object: { box }, x, y }: Sighting): Vector | undefined {
    return this.#ground === undefined
      ? [x, y]
      : this.#ground.toMetres([box.left + box.width / 2, box.top + box.height]);
  }

  #against(point: Vector | undefined, aspect: number): number {
    const [from, to] = this.#config.allowed;
    const allowed =
      this.#allowedM ?? direction([from[0] * aspect, from[1]], [to[0] * aspect, to[1]]);
    return point === undefined ? Number.NaN : -(point[0] * allowed[0] + point[1] * allowed[1]);
  }
}

function restart(drive: Drive, mark: Mark): void {
  drive.start = mark;
  drive.longestStep = 0;
}

function heightOf(start: Mark, mark: Mark): number {
  return (start.box.height + mark.box.height) / 2;
}

function direction(from: Vector, to: Vector): Vector {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  return length === 0 ? [0, 0] : [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
}
