/**
 * What the gate would tell of a scene's picture: where it moves, what has changed for good, how
 * good it is. Movement and changes follow from the actors; quality is scripted.
 */
import type { PictureChange, PictureQuality, PictureState } from "../../../edge/gate/index.ts";
import { sharedArea, type BoxNorm, type EpochMs } from "../../../protocol/index.ts";
import type { Noise } from "./noise.ts";
import { clip, type Sight, type Stage } from "./sight.ts";

type Span = { readonly fromS: number; readonly untilS?: number };

export interface PictureScript {
  /** How the picture deviates from its usual self; the last that applies counts. */
  readonly quality?: readonly (Span & Partial<Omit<PictureQuality, "frozenSince">>)[];
  /** Every frame is the very same. */
  readonly frozen?: readonly Span[];
  /** No frame comes at all. */
  readonly lost?: readonly Span[];
  /** Places that look different from the usual, beside those that actors leave behind. */
  readonly changes?: readonly (Span & { readonly box: BoxNorm })[];
  /** Places where something moves besides the actors. */
  readonly moving?: readonly (Span & { readonly box: BoxNorm })[];
}

const USUAL: Omit<PictureQuality, "frozenSince"> = {
  brightness: 120,
  structure: 1,
  sharpness: 1,
  alignment: 1,
};
/** Side of the gate's cells, in picture widths and heights. */
const CELL = [1 / 120, 1 / 68] as const;
/** Farther than this within a tenth of a second is movement, in heights of the object. */
const STILL_SHARE = 0.01;
const MOVED_S = 0.1;
/** A changed place is told after nothing has moved in it for so long. */
const SETTLE_S = 3;
/** Covering more of a place, something moves in it or hides it. */
const COVERED_SHARE = 0.2;
/** How long a place may have been hidden before it came to rest. */
const LOOK_BACK_S = 30;
/** Frames are called the very same after so long. */
const FROZEN_S = 60;

/** A place that does not look usual. */
interface Place {
  readonly since: number;
  /** Last time at which something moved in it. */
  movedS: number;
  isTold: boolean;
}

export class PictureTeller {
  readonly #script: PictureScript;
  readonly #stage: Stage;
  readonly #noise: Noise | undefined;
  readonly #startMs: EpochMs;
  /** What stood there when the scene began belongs to the usual picture. */
  readonly #usual: ReadonlyMap<string, BoxNorm>;
  /** Where an actor stands that came, and where one is missing. */
  readonly #left = new Map<string, Place>();
  readonly #gone = new Map<string, Place>();

  constructor(script: PictureScript, stage: Stage, startMs: EpochMs, noise: Noise | undefined) {
    this.#script = script;
    this.#stage = stage;
    this.#startMs = startMs;
    this.#noise = noise;
    this.#usual = new Map(
      stage.sightsAt(0).map(({ actor, whole }) => [actor.name, whole] as const),
    );
  }

  tell(timeS: number, objects: readonly BoxNorm[]): PictureState {
    const sights = this.#stage.sightsAt(timeS);
    const before = new Map(
      this.#stage.sightsAt(timeS - MOVED_S).map((one) => [one.actor.name, one.whole] as const),
    );
    const isMoving = ({ actor, whole }: Sight): boolean => {
      const last = before.get(actor.name);
      return timeS >= MOVED_S && (last === undefined || farFrom(last, whole));
    };
    const moving = disjoint([
      ...sights.filter(isMoving).flatMap(({ box }) => (box === undefined ? [] : [toCells(box)])),
      ...this.#during(this.#script.moving, timeS).map(({ box }) => toCells(box)),
    ]);
    const changes = [
      ...this.#whatCame(sights, timeS, moving, isMoving),
      ...this.#whatIsGone(sights, timeS, moving),
      ...this.#during(this.#script.changes, timeS).flatMap(({ fromS, box }) =>
        timeS - fromS < SETTLE_S ? [] : [{ box, since: this.#epoch(fromS) }],
      ),
    ];
    return { at: this.#epoch(timeS), moving, changes, quality: this.#quality(timeS), objects };
  }

  isLost(timeS: number): boolean {
    return this.#during(this.#script.lost, timeS).length > 0;
  }

  /** Things and people that came and stand still. */
  #whatCame(
    sights: readonly Sight[],
    timeS: number,
    moving: readonly BoxNorm[],
    isMoving: (sight: Sight) => boolean,
  ): readonly PictureChange[] {
    const changes: PictureChange[] = [];
    const present = new Set<string>();
    for (const sight of sights) {
      const { name } = sight.actor;
      const usual = this.#usual.get(name);
      if (isMoving(sight) || (usual !== undefined && !farFrom(usual, sight.whole))) {
        continue;
      }
      present.add(name);
      changes.push(...this.#tellPlace(this.#left, name, sight.box, timeS, moving));
    }
    keepOnly(this.#left, present);
    return changes;
  }

  /** Places of things that were there when the scene began. */
  #whatIsGone(
    sights: readonly Sight[],
    timeS: number,
    moving: readonly BoxNorm[],
  ): readonly PictureChange[] {
    const changes: PictureChange[] = [];
    for (const [name, usual] of this.#usual) {
      const now = sights.find(({ actor }) => actor.name === name)?.whole;
      if (now !== undefined && !farFrom(usual, now)) {
        this.#gone.delete(name);
        continue;
      }
      changes.push(...this.#tellPlace(this.#gone, name, clip(usual), timeS, moving));
    }
    return changes;
  }

  #tellPlace(
    places: Map<string, Place>,
    name: string,
    box: BoxNorm | undefined,
    timeS: number,
    moving: readonly BoxNorm[],
  ): readonly PictureChange[] {
    const place = places.get(name) ?? {
      since: box === undefined ? timeS : this.#hiddenSince(box, timeS),
      movedS: timeS,
      isTold: false,
    };
    places.set(name, place);
    if (box === undefined) {
      return [];
    }
    if (moving.some((one) => covers(one, box))) {
      place.movedS = timeS;
    }
    place.isTold ||= timeS - place.movedS >= SETTLE_S;
    return place.isTold ? [{ box, since: this.#epoch(place.since) }] : [];
  }

  /** Who stood or moved before a place has hidden that it looks usual. */
  #hiddenSince(box: BoxNorm, timeS: number): number {
    let since = timeS;
    while (timeS - since < LOOK_BACK_S) {
      const earlierS = since - MOVED_S;
      const isHidden = this.#stage
        .sightsAt(earlierS)
        .some(
          (one) =>
            one.box !== undefined &&
            covers(one.box, box) &&
            farFrom(this.#usual.get(one.actor.name), one.whole),
        );
      if (!isHidden || earlierS < 0) {
        break;
      }
      since = earlierS;
    }
    return since;
  }

  #quality(timeS: number): PictureQuality {
    const scripted = this.#during(this.#script.quality, timeS).at(-1);
    const frozen = this.#during(this.#script.frozen, timeS)
      .filter(({ fromS }) => timeS - fromS >= FROZEN_S)
      .at(-1);
    const { brightness, structure, sharpness, alignment } = { ...USUAL, ...scripted };
    const near = (value: number): number => this.#noise?.near(value) ?? value;
    return {
      brightness: Math.min(255, near(brightness)),
      structure: Math.min(1, near(structure)),
      sharpness: near(sharpness),
      alignment: Math.min(1, near(alignment)),
      frozenSince: frozen && this.#epoch(frozen.fromS),
    };
  }

  #during<T extends Span>(spans: readonly T[] | undefined, timeS: number): readonly T[] {
    return (spans ?? []).filter(({ fromS, untilS = Infinity }) => timeS >= fromS && timeS < untilS);
  }

  #epoch(timeS: number): EpochMs {
    return this.#startMs + Math.round(timeS * 1000);
  }
}

function keepOnly(map: Map<string, unknown>, names: ReadonlySet<string>): void {
  for (const name of map.keys()) {
    if (!names.has(name)) {
      map.delete(name);
    }
  }
}

function farFrom(a: BoxNorm | undefined, b: BoxNorm): boolean {
  if (a === undefined) {
    return true;
  }
  const limit = STILL_SHARE * Math.max(a.height, b.height);
  return (
    Math.abs(a.left - b.left) > limit ||
    Math.abs(a.top - b.top) > limit ||
    Math.abs(a.height - b.height) > limit
  );
}

function covers(moving: BoxNorm, box: BoxNorm): boolean {
  return sharedArea(moving, box) > COVERED_SHARE * box.width * box.height;
}

/** The gate's cells that a box touches. */
function toCells({ left, top, width, height }: BoxNorm): BoxNorm {
  const [dx, dy] = CELL;
  const [west, north] = [Math.floor(left / dx) * dx, Math.floor(top / dy) * dy];
  const east = Math.min(1, Math.ceil((left + width) / dx) * dx);
  const south = Math.min(1, Math.ceil((top + height) / dy) * dy);
  return { left: west, top: north, width: east - west, height: south - north };
}

/** Boxes that overlap become one around them. */
function disjoint(boxes: readonly BoxNorm[]): readonly BoxNorm[] {
  const result: BoxNorm[] = [];
  for (const box of boxes) {
    let grown = box;
    for (;;) {
      const index = result.findIndex((one) => sharedArea(one, grown) > 0);
      if (index === -1) {
        break;
      }
      const [other] = result.splice(index, 1) as [BoxNorm];
      const left = Math.min(grown.left, other.left);
      const top = Math.min(grown.top, other.top);
      grown = {
        left,
        top,
        width: Math.max(grown.left + grown.width, other.left + other.width) - left,
        height: Math.max(grown.top + grown.height, other.top + other.height) - top,
      };
    }
    result.push(grown);
  }
  return result;
}
