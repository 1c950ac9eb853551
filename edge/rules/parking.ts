/**
 * Parking: a vehicle has stood in the zone for the dwell time. Standing is told by all four edges of
 * its box against the average of where it stood. Being in the zone is told by the lowest quarter of
 * that average box, half of which has to lie in it: a long vehicle touches the ground along it, and
 * unlike the foot point it does not flip with jitter at the zone's border. Of a vehicle that the
 * picture's lower border cuts it is the lowest quarter in sight.
 *
 * One alarm per vehicle, several at once. It goes on while the vehicle is hidden for no longer than
 * the gap, and when it moves up and stands again in the zone within the clear time.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import type { EpochMs } from "../../protocol/index.ts";
import { ObjectAlarms, type ObjectAlarm, type ObjectFacts } from "./parts/object-alarms.ts";
import { footprintShare } from "./parts/picture-space.ts";
import { SETTLED_MS, StandingPlaces, type Place } from "./parts/standing-places.ts";
import { passes, type AlarmSignal, type Measures, type Rule, type Scene } from "./rule.ts";

/** Share of the footprint that has to lie in the zone. */
const IN_SHARE = 0.5;

interface Leaving {
  readonly alarm: ObjectAlarm;
  readonly lastSeen: EpochMs;
  readonly trackIds: ReadonlySet<number>;
}

export class ParkingRule implements Rule {
  readonly #config: RuleConfigOf<"parking">;
  readonly #places: StandingPlaces;
  readonly #alarms: ObjectAlarms;
  readonly #open = new Map<Place, ObjectAlarm>();
  /** Alarms whose vehicle is not where it stood. */
  #leaving: Leaving[] = [];
  /** Standing in the zone at the last frame. */
  #count = 0;

  constructor(config: RuleConfigOf<"parking">) {
    this.#config = config;
    this.#places = new StandingPlaces({
      moveShare: config.moveShare,
      gapMs: config.gapS * 1000,
    });
    this.#alarms = new ObjectAlarms(config.cooldownS);
  }

  evaluate({ at, aspect, objects }: Scene): readonly AlarmSignal[] {
    const vehicles = objects.filter((object) => passes(object, this.#config));
    for (const place of this.#places.observe(vehicles, at, aspect)) {
      this.#leave(place);
    }
    this.#count = this.#places.places.filter((one) => isSettled(one) && this.#isIn(one)).length;
    const signals = this.#places.places
      .filter((place) => place.lastSeen === at)
      .flatMap((place) => this.#judge(place, at));
    return [...signals, ...this.#endLeft(at)];
  }

  /** Vehicles that stand in the zone. */
  counts(): Measures {
    return { count: this.#count };
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    for (const place of this.#places.clear()) {
      this.#leave(place);
    }
    return this.#endLeft(at, 0);
  }

  #judge(place: Place, at: EpochMs): readonly AlarmSignal[] {
    const alarm = this.#open.get(place) ?? this.#takeUp(place);
    if (alarm !== undefined) {
      return this.#alarms.go(at, alarm, this.#factsOf(place, at - alarm.onset));
    }
    const dwellMs = at - place.since;
    if (dwellMs < this.#config.dwellS * 1000 || !this.#isIn(place)) {
      return [];
    }
    const begun = this.#alarms.begin(at, place.since, this.#factsOf(place, dwellMs));
    if (begun === undefined) {
      return [];
    }
    this.#open.set(place, begun.alarm);
    return [begun.signal];
  }

  #factsOf(place: Place, dwellMs: number): ObjectFacts {
    return {
      object: place.object,
      box: place.box,
      measures: { dwellS: dwellMs / 1000, count: this.#count },
    };
  }

  #isIn(place: Place): boolean {
    return footprintShare(this.#config.zone, place.box) >= IN_SHARE;
  }

  #leave(place: Place): void {
    const alarm = this.#open.get(place);
    if (alarm !== undefined) {
      this.#open.delete(place);
      this.#leaving.push({ alarm, lastSeen: place.lastSeen, trackIds: place.trackIds });
    }
  }

  /** The alarm of a vehicle that has moved up in the zone and stands again. */
  #takeUp(place: Place): ObjectAlarm | undefined {
    if (!isSettled(place) || !this.#isIn(place)) {
      return undefined;
    }
    const index = this.#leaving.findIndex(({ trackIds }) =>
      [...place.trackIds].some((trackId) => trackIds.has(trackId)),
    );
    const leaving = index === -1 ? undefined : this.#leaving.splice(index, 1)[0];
    if (leaving !== undefined) {
      this.#open.set(place, leaving.alarm);
    }
    return leaving?.alarm;
  }

  #endLeft(at: EpochMs, clearMs = this.#config.clearS * 1000): readonly AlarmSignal[] {
    const ended = this.#leaving.filter(({ lastSeen }) => at - lastSeen >= clearMs);
    this.#leaving = this.#leaving.filter((one) => !ended.includes(one));
    return ended.map(({ alarm, lastSeen }) => this.#alarms.end(at, alarm, lastSeen));
  }
}

function isSettled(place: Place): boolean {
  return place.lastSeen - place.since >= SETTLED_MS;
}
