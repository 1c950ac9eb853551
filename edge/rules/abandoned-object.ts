/**
 * Abandoned object: a piece of luggage stands in the zone with nobody attending it. The thing is
 * where the middle of its box's lower edge lies, and so is a person; their distance is measured on
 * the ground where the camera is calibrated, otherwise in heights of the person. Standing is told by
 * the box: what is carried does not stand. Who walks past does not attend.
 *
 * With `anyThing`, a lasting change of the picture that nothing explains is a thing too, so that the
 * model need not have a name for it. Both ways see one and the same thing as one, and one alarm.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import { isInsidePolygon, sharedArea, type BoxNorm, type EpochMs } from "../../protocol/index.ts";
import type { PictureChange, PictureState } from "../gate/index.ts";
import { Attendance, bridgeBlindTime, noAttendants, type Attendants } from "./parts/attendance.ts";
import { BlindTime } from "./parts/blind-time.ts";
import { ChangedPlaces } from "./parts/changed-places.ts";
import { ObjectAlarms, type ObjectAlarm, type ObjectFacts } from "./parts/object-alarms.ts";
import { standPoint } from "./parts/picture-space.ts";
import { SETTLED_MS, StandingPlaces, type Place } from "./parts/standing-places.ts";
import {
  passes,
  type AlarmSignal,
  type AlarmSubject,
  type Rule,
  type RuleSurroundings,
  type Scene,
} from "./rule.ts";

/** Luggage is small: its box jitters more, and whoever carries it moves it farther. */
const MOVE_SHARE = 0.5;
/** Hidden by passers-by for no longer than this, it still stands there. */
const HIDDEN_MS = 20_000;
/** A change that is told this long after it began has been hidden so far, by its owner perhaps. */
const LATE_MS = 10_000;
/** Share of the smaller of two boxes that both share when they are one thing. */
const SAME_THING = 0.5;

interface Thing {
  /** Of luggage that the detector told. */
  place: Place | undefined;
  box: BoxNorm;
  object: AlarmSubject;
  since: EpochMs;
  lastSeen: EpochMs;
  readonly attendants: Attendants;
  alarm: ObjectAlarm | undefined;
}

export class AbandonedObjectRule implements Rule {
  /** Only with `anyThing`. */
  readonly watch?: (picture: PictureState) => readonly AlarmSignal[];
  readonly #config: RuleConfigOf<"abandoned-object">;
  readonly #luggage = new StandingPlaces({ moveShare: MOVE_SHARE, gapMs: HIDDEN_MS });
  readonly #changed = new ChangedPlaces();
  readonly #attendance: Attendance;
  readonly #alarms: ObjectAlarms;
  readonly #blind = new BlindTime();
  #things: Thing[] = [];

  constructor(config: RuleConfigOf<"abandoned-object">, { ground }: RuleSurroundings) {
    this.#config = config;
    const { attendedM, attendedHeights, unattendedS } = config;
    const longestPassMs = unattendedS * 500;
    this.#attendance = new Attendance({ ground, attendedM, attendedHeights, longestPassMs });
    this.#alarms = new ObjectAlarms(config.cooldownS);
    if (config.anyThing) {
      this.watch = (picture) => this.#watch(picture);
    }
  }

  evaluate({ at, aspect, objects }: Scene): readonly AlarmSignal[] {
    const blindMs = this.#blind.step(at);
    if (blindMs > 0) {
      for (const { attendants } of this.#things) {
        bridgeBlindTime(attendants, blindMs, at);
      }
    }
    const isLuggage = (label: string): boolean => this.#config.classes.includes(label);
    this.#attendance.observe(
      objects.filter(({ label }) => label === "person"),
      at,
      aspect,
    );
    if (this.#config.anyThing) {
      this.#changed.observe(
        objects.filter(({ label }) => !isLuggage(label)),
        at,
        aspect,
      );
    }
    this.#luggage.observe(
      objects.filter((object) => passes(object, this.#config)),
      at,
      aspect,
    );
    for (const place of this.#luggage.places) {
      if (place.lastSeen === at) {
        this.#seePlace(place, at);
      }
    }
    for (const thing of this.#things) {
      this.#attendance.attend(thing.attendants, thing.box, thing.since, at);
    }
    return this.#judge(at);
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    const things = this.#things;
    this.#things = [];
    this.#luggage.clear();
    return things.flatMap((thing) => this.#end(thing, at, thing.lastSeen));
  }

  #watch(picture: PictureState): readonly AlarmSignal[] {
    for (const change of picture.changes) {
      if (this.#changed.isExplained(change, picture)) {
        this.#seeBehind(change, picture.at);
      } else if (this.#isWanted(change.box)) {
        this.#seeChange(change, picture.at);
      }
    }
    return this.#judge(picture.at);
  }

  #isWanted(box: BoxNorm): boolean {
    const { zone, minHeight, maxHeight } = this.#config;
    return (
      box.height >= minHeight && box.height <= maxHeight && isInsidePolygon(standPoint(box), zone)
    );
  }

  #seePlace(place: Place, at: EpochMs): void {
    const thing =
      this.#things.find((one) => one.place === place) ??
      this.#things.find((one) => one.place === undefined && isSameThing(one.box, place.box)) ??
      this.#newThing(place.box, place.since, at);
    thing.place = place;
    thing.box = place.box;
    thing.object = place.object;
    thing.lastSeen = Math.max(at, thing.lastSeen);
  }

  #seeChange(change: PictureChange, at: EpochMs): void {
    const { box, since } = change;
    const thing =
      this.#things.find((one) => isSameThing(one.box, box)) ??
      this.#newThing(box, Math.max(since, at - LATE_MS), at);
    if (isOf(change, thing)) {
      thing.lastSeen = Math.max(at, thing.lastSeen);
    }
  }

  /** Something stands in front of a thing that has been told: its change is proof enough. */
  #seeBehind(change: PictureChange, at: EpochMs): void {
    for (const thing of this.#things) {
      if (thing.alarm !== undefined && isSameThing(thing.box, change.box) && isOf(change, thing)) {
        thing.lastSeen = Math.max(at, thing.lastSeen);
      }
    }
  }

  #newThing(box: BoxNorm, since: EpochMs, at: EpochMs): Thing {
    const thing: Thing = {
      place: undefined,
      box,
      object: { box },
      since,
      lastSeen: at,
      attendants: noAttendants(),
      alarm: undefined,
    };
    this.#things.push(thing);
    return thing;
  }

  #judge(at: EpochMs): readonly AlarmSignal[] {
    const standing = new Set(this.#luggage.places);
    const signals: AlarmSignal[] = [];
    this.#things = this.#things.filter((thing) => {
      if (this.#isGone(thing, standing, at)) {
        signals.push(...this.#end(thing, at, thing.lastSeen));
        if (thing.place !== undefined && thing.lastSeen - thing.since >= SETTLED_MS) {
          this.#changed.remember(thing.box, at);
        }
        return false;
      }
      signals.push(...this.#judgeThing(thing, at));
      return true;
    });
    return signals;
  }

  /** Carried away, or not seen for too long. */
  #isGone(thing: Thing, standing: ReadonlySet<Place>, at: EpochMs): boolean {
    const { place, lastSeen } = thing;
    if (place !== undefined && !standing.has(place)) {
      if (lastSeen <= place.lastSeen + SETTLED_MS) {
        return true;
      }
      thing.place = undefined; // The picture alone still shows it.
    }
    return thing.place === undefined && at - lastSeen > HIDDEN_MS;
  }

  #judgeThing(thing: Thing, at: EpochMs): readonly AlarmSignal[] {
    const { attendants, since, alarm } = thing;
    const { lastAttended = -Infinity, attendedSince = Infinity } = attendants;
    if (thing.lastSeen < at) {
      return [];
    }
    const unattendedFrom = Math.max(since, lastAttended);
    const facts = factsOf(thing, at - unattendedFrom);
    if (alarm !== undefined) {
      const isAttended = lastAttended - attendedSince >= this.#config.clearS * 1000;
      return isAttended && attendedSince > alarm.onset
        ? this.#end(thing, at, attendedSince)
        : this.#alarms.go(at, alarm, facts);
    }
    if (at - unattendedFrom < this.#config.unattendedS * 1000 || !this.#isWanted(thing.box)) {
      return [];
    }
    const begun = this.#alarms.begin(at, unattendedFrom, facts);
    thing.alarm = begun?.alarm;
    return begun === undefined ? [] : [begun.signal];
  }

  #end(thing: Thing, at: EpochMs, endedAt: EpochMs): readonly AlarmSignal[] {
    const { alarm } = thing;
    thing.alarm = undefined;
    return alarm === undefined ? [] : [this.#alarms.end(at, alarm, endedAt)];
  }
}

function factsOf({ object, box }: Thing, unattendedMs: number): ObjectFacts {
  return { object, box, measures: { dwellS: unattendedMs / 1000 } };
}

/** A change at luggage that began later than the luggage is something else, such as its absence. */
function isOf({ since }: PictureChange, thing: Thing): boolean {
  return thing.place === undefined || since <= thing.since + LATE_MS;
}

function isSameThing(a: BoxNorm, b: BoxNorm): boolean {
  const smaller = Math.min(a.width * a.height, b.width * b.height);
  return smaller > 0 && sharedArea(a, b) >= SAME_THING * smaller;
}
