/** Where something is at every moment, told step by step. Immutable: branches share their start. */
import type { PointM } from "../../../edge/ground/index.ts";

const WALK_MPS = 1.4;
const GRAVITY = 9.81;
/** Time that it takes to fall down, to sit down or to get up. */
const POSE_S = 0.6;
const STEP_S = 0.04;

export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly headingDeg: number;
  /** 0 upright … 1 lying along the heading. */
  readonly lying: number;
  /** 0 upright … 1 crouching. */
  readonly crouching: number;
}

interface Waypoint extends Placement {
  readonly atS: number;
}

/** Starts (and appears) there at `startS`; it vanishes when its path is over. */
export function from([x, y]: PointM, startS = 0, z = 0): Path {
  return new Path([{ atS: startS, x, y, z, headingDeg: Number.NaN, lying: 0, crouching: 0 }]);
}

export class Path {
  readonly #points: readonly Waypoint[];

  constructor(points: readonly Waypoint[]) {
    this.#points = points;
  }

  get startS(): number {
    return (this.#points[0] as Waypoint).atS;
  }

  get endS(): number {
    return this.#last.atS;
  }

  get #last(): Waypoint {
    return this.#points.at(-1) as Waypoint;
  }

  /** Straight on; gets up before when it lies or crouches. */
  to([x, y]: PointM, speedMps = WALK_MPS): Path {
    const { x: fromX, y: fromY } = this.#last;
    return this.toIn([x, y], Math.hypot(x - fromX, y - fromY) / speedMps);
  }

  /** Straight on, in so many seconds. */
  toIn([x, y]: PointM, seconds: number): Path {
    const path = this.rise();
    const last = path.#last;
    const headingDeg = (Math.atan2(x - last.x, y - last.y) * 180) / Math.PI;
    return path.#add({ x, y, headingDeg }, seconds);
  }

  stay(seconds: number): Path {
    return this.#add({}, seconds);
  }

  /** Stays until that time of the scene. */
  until(timeS: number): Path {
    return this.stay(Math.max(0, timeS - this.endS));
  }

  /** Falls down (0.6 s, counted in) and lies so long; 90 is across the view. */
  lie(seconds: number, headingDeg = 90): Path {
    const fallS = Math.min(POSE_S, seconds);
    return this.#add({ lying: 1, crouching: 0, headingDeg }, fallS).stay(seconds - fallS);
  }

  crouch(seconds: number): Path {
    const downS = Math.min(POSE_S, seconds);
    return this.#add({ crouching: 1, lying: 0 }, downS).stay(seconds - downS);
  }

  /** Gets up. */
  rise(): Path {
    const { lying, crouching } = this.#last;
    return lying + crouching > 0 ? this.#add({ lying: 0, crouching: 0 }, POSE_S) : this;
  }

  /**
   * Falls or flies freely until it reaches the ground.
   * @param speed at the start: right, ahead and up, m/s.
   */
  fly(speed: readonly [number, number, number] = [0, 0, 0]): Path {
    const start = this.#last;
    const flightS = (speed[2] + Math.sqrt(speed[2] ** 2 + 2 * GRAVITY * start.z)) / GRAVITY;
    const points = [...this.#points];
    for (let timeS = STEP_S; ; timeS += STEP_S) {
      const t = Math.min(timeS, flightS);
      points.push({
        ...start,
        atS: start.atS + t,
        x: start.x + speed[0] * t,
        y: start.y + speed[1] * t,
        z: Math.max(0, start.z + speed[2] * t - (GRAVITY * t * t) / 2),
      });
      if (t === flightS) {
        return new Path(points);
      }
    }
  }

  /** The same path beside it. */
  shifted([dx, dy]: PointM, laterS = 0): Path {
    return new Path(
      this.#points.map((p) => ({ ...p, atS: p.atS + laterS, x: p.x + dx, y: p.y + dy })),
    );
  }

  /** `undefined` before it appears and after it has vanished. */
  at(timeS: number): Placement | undefined {
    if (timeS < this.startS || timeS > this.endS) {
      return undefined;
    }
    const index = this.#points.findIndex((point) => point.atS >= timeS);
    const to = this.#points[index] as Waypoint;
    const start = this.#points[Math.max(0, index - 1)] as Waypoint;
    const share = to.atS === start.atS ? 1 : (timeS - start.atS) / (to.atS - start.atS);
    const mix = (a: number, b: number): number => a + share * (b - a);
    return {
      x: mix(start.x, to.x),
      y: mix(start.y, to.y),
      z: mix(start.z, to.z),
      headingDeg: this.#headingAt(index),
      lying: mix(start.lying, to.lying),
      crouching: mix(start.crouching, to.crouching),
    };
  }

  /** Who has not gone anywhere yet looks to where the way will lead. */
  #headingAt(index: number): number {
    const known = this.#points.find((point, i) => i >= index && !Number.isNaN(point.headingDeg));
    const here = this.#points[index] as Waypoint;
    return Number.isNaN(here.headingDeg) ? (known?.headingDeg ?? 90) : here.headingDeg;
  }

  #add(change: Partial<Placement>, seconds: number): Path {
    return new Path([
      ...this.#points,
      { ...this.#last, ...change, atS: this.endS + Math.max(0, seconds) },
    ]);
  }
}
