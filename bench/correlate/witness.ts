/** What cameras say of what happens before them: alarms with their phases, on their own clocks. */
import {
  type CameraWay,
  cameraKey,
  type SightedEvent,
  toGcj02,
} from "../../brain/correlate/index.ts";
import { between, exponential, gaussian, pick, type Random, seededUuid } from "./chance.ts";
import type { Aspect, Happening } from "./happening.ts";
import {
  canSee,
  MAX_RANGE_M,
  metresBetween,
  type Spot,
  type Town,
  type TownCamera,
} from "./town.ts";

/** An event as it leaves its camera, and what it truly is about. */
export interface Witnessed {
  readonly event: SightedEvent;
  /** When the node recorded it, true time. */
  readonly recordedAt: number;
  /** Number of the happening; a false alarm is one of its own. */
  readonly truth: number;
}

/** Somewhere south of Beijing. */
const ORIGIN = { lat: 39.75, lon: 116.45 };
const METRES_PER_DEGREE = 111_320;
const FALSE_CODES = [
  "SEC.INTRUDE",
  "SEC.LOITER",
  "SEC.FIGHT",
  "FIR.SMOKE",
  "UM.PARK",
  "UM.GARBAGE",
  "SEC.ABANDON",
  "MED.DOWN",
  "UM.VENDOR",
  "TRF.JAM",
];
const MAX_UPDATES = 4;

export class Witnesses {
  readonly events: Witnessed[] = [];
  readonly #town: Town;
  readonly #random: Random;
  readonly #sequences = new Map<string, number>();

  constructor(town: Town, random: Random) {
    this.#town = town;
    this.#random = random;
  }

  watch(happening: Happening): void {
    for (const aspect of happening.aspects) {
      for (const camera of this.#camerasFor(aspect)) {
        if (this.#random() < aspect.watched) {
          this.#watchWith(camera, aspect, happening.id);
        }
      }
    }
  }

  /** An alarm about nothing. */
  mistake(camera: TownCamera, at: number, truth: number): void {
    const random = this.#random;
    const code = pick(FALSE_CODES, random);
    const until = at + exponential(20_000, random) + 1_000;
    const spot = this.#somewhereBefore(camera);
    this.#alarm(camera, code, at, at, until, () => spot, truth);
  }

  #camerasFor(aspect: Aspect): TownCamera[] {
    const middle = aspect.spotAt((aspect.from + aspect.until) / 2);
    const start = aspect.spotAt(aspect.from);
    const end = aspect.spotAt(aspect.until);
    const reach = MAX_RANGE_M * aspect.visibility * 1.1 + 20;
    const way = Math.max(metresBetween(middle, start), metresBetween(middle, end));
    const spread = aspect.isMoving ? Math.max(way, reach) + reach : way + reach;
    return this.#town.cameras.filter((camera) => metresBetween(camera.spot, middle) < spread);
  }

  /** Every stay of the thing in the camera's view may give an alarm. */
  #watchWith(camera: TownCamera, aspect: Aspect, truth: number): void {
    const rangeM = camera.rangeM * aspect.visibility * between(0.85, 1.1, this.#random);
    const stepMs = aspect.isMoving ? 500 : Math.max(5_000, (aspect.until - aspect.from) / 200);
    let since: number | undefined;
    for (let at = aspect.from; at <= aspect.until + stepMs; at += stepMs) {
      const isSeen = at <= aspect.until && canSee(camera, aspect.spotAt(at), rangeM);
      if (isSeen) {
        since ??= at;
      } else if (since !== undefined) {
        this.#stay(camera, aspect, since, Math.min(at, aspect.until), truth);
        since = undefined;
      }
    }
  }

  #stay(camera: TownCamera, aspect: Aspect, since: number, until: number, truth: number): void {
    const random = this.#random;
    const code = drawCode(aspect.codes, random);
    let onset = since + Math.abs(gaussian(random)) * 400;
    let raised = since + exponential(aspect.noticeMs * 0.5, random) + aspect.noticeMs * 0.5;
    while (raised < until) {
      const doesBreak = random() < aspect.breaks;
      const end = doesBreak ? between(raised, until, random) : until;
      this.#alarm(camera, code, onset, raised, end, aspect.spotAt, truth);
      if (!doesBreak) {
        return;
      }
      onset = end + exponential(aspect.regainMs, random);
      raised = onset + aspect.noticeMs * between(0.2, 1, random);
    }
  }

  #alarm(
    camera: TownCamera,
    code: string,
    onset: number,
    raised: number,
    end: number,
    spotAt: (at: number) => Spot,
    truth: number,
  ): void {
    const random = this.#random;
    const alarmId = seededUuid(random);
    const say = (phase: SightedEvent["phase"], at: number, endedAt?: number): void => {
      const { skewMs } = camera.node;
      const time = (trueTime: number): string => new Date(trueTime + skewMs).toISOString();
      this.events.push({
        truth,
        recordedAt: at,
        event: {
          id: seededUuid(random),
          nodeId: camera.node.id,
          cameraId: camera.id,
          alarmId,
          phase,
          sequence: this.#nextSequence(camera),
          code,
          acceptedAt: 0,
          data: {
            onset: time(onset),
            ...(endedAt === undefined ? {} : { endedAt: time(endedAt) }),
            capture: { at: time(at), clock: "stream" },
            location: this.#locate(camera, spotAt(Math.min(at, end))),
            exercise: "actual",
          },
        },
      });
    };
    say("new", raised);
    const stepMs = Math.max(20_000, (end - raised) / (MAX_UPDATES + 1));
    for (let at = raised + stepMs; at < end - 1_000; at += stepMs) {
      say("update", at);
    }
    say(random() < 0.03 ? "cancel" : "end", end + between(1_000, 5_000, random), end);
  }

  #nextSequence(camera: TownCamera): string {
    const next = (this.#sequences.get(camera.id) ?? 0) + 1;
    this.#sequences.set(camera.id, next);
    return String(next).padStart(12, "0");
  }

  #locate(camera: TownCamera, spot: Spot): SightedEvent["data"]["location"] {
    const random = this.#random;
    const { calibration, saysAccuracy } = camera;
    const blur = 1.5 + metresBetween(camera.spot, spot) * 0.05;
    const said =
      calibration === null
        ? camera.spot
        : {
            east: spot.east + calibration.east + gaussian(random) * blur,
            north: spot.north + calibration.north + gaussian(random) * blur,
          };
    const wgs = {
      lat: ORIGIN.lat + said.north / METRES_PER_DEGREE,
      lon: ORIGIN.lon + said.east / (METRES_PER_DEGREE * Math.cos((ORIGIN.lat * Math.PI) / 180)),
    };
    const { crs } = camera.node;
    const accuracyM = calibration === null ? camera.rangeM * 0.7 : 6;
    return {
      ...(crs === "GCJ02" ? toGcj02(wgs) : wgs),
      crs,
      ...(saysAccuracy || calibration !== null ? { accuracyM } : {}),
      gridCode: camera.gridCode as never,
    };
  }

  #somewhereBefore(camera: TownCamera): Spot {
    const angle = camera.heading + (this.#random() * 2 - 1) * camera.halfWidth;
    const metres = this.#random() * camera.rangeM;
    return {
      east: camera.spot.east + Math.cos(angle) * metres,
      north: camera.spot.north + Math.sin(angle) * metres,
    };
  }
}

function drawCode(codes: Aspect["codes"], random: Random): string {
  let left = random();
  for (const [code, share] of codes) {
    left -= share;
    if (left < 0) {
      return code;
    }
  }
  return codes[0]?.[0] ?? "SEC.INTRUDE";
}

/** The ways as a directory has them: from walking pace to a car's. */
export function waysOf(town: Town): CameraWay[] {
  const key = ({ node, id }: TownCamera): string => cameraKey({ nodeId: node.id, cameraId: id });
  return town.ways.map(({ from, to, metres }) => ({
    from: key(from),
    to: key(to),
    minMs: (Math.max(0, metres - 90) / 15) * 1_000,
    maxMs: (metres / 1.2) * 1_000,
  }));
}
