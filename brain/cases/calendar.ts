/**
 * Working time: how much of it lies between two moments, and when a given amount has passed. Each
 * base counts a set of time spans: all time, office hours, whole working days, or whole days.
 */
import {
  type EpochMs,
  PermanentError,
  type TimeBase,
  type WorkCalendar,
} from "../../protocol/index.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A calendar without working time for this long is a mistake. */
const MAX_DAYS = 3_660;
/** Days whose spans are remembered, about eleven years. */
const MAX_CACHED_DAYS = 4_000;

export interface WorkTime {
  /** The earliest moment at which `amountMs` of counted time have passed since `from`. */
  add(base: TimeBase, from: EpochMs, amountMs: number): EpochMs;
  /** Counted time, ms; 0 where `to` is not after `from`. */
  between(base: TimeBase, from: EpochMs, to: EpochMs): number;
}

interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

interface Day {
  readonly whole: Span;
  readonly hours: readonly Span[];
}

/** @throws PermanentError CONFIG_INVALID from `add` where the calendar has no working time ahead. */
export function createWorkTime(calendar: WorkCalendar): WorkTime {
  const zone = createZone(calendar.timeZone);
  const readDay = remember((day) => spansOf(calendar, zone, day));
  const counted = (base: TimeBase, day: number): readonly Span[] => {
    const { whole, hours } = readDay(day);
    switch (base) {
      case "continuous":
      case "calendar-days":
        return [whole];
      case "working-hours":
        return hours;
      case "working-days":
        return hours.length === 0 ? [] : [whole];
    }
  };
  return {
    add: (base, from, amountMs) => {
      if (amountMs <= 0 || base === "continuous" || base === "calendar-days") {
        return from + Math.max(0, amountMs);
      }
      return walk(from, amountMs, zone.dayOf(from), (day) => counted(base, day));
    },
    between: (base, from, to) => {
      if (to <= from || base === "continuous" || base === "calendar-days") {
        return Math.max(0, to - from);
      }
      let sum = 0;
      for (let day = zone.dayOf(from); day <= zone.dayOf(to); day += 1) {
        for (const span of counted(base, day)) {
          sum += Math.max(0, Math.min(span.to, to) - Math.max(span.from, from));
        }
      }
      return sum;
    },
  };
}

function walk(
  from: EpochMs,
  amountMs: number,
  firstDay: number,
  counted: (day: number) => readonly Span[],
): EpochMs {
  let left = amountMs;
  for (let day = firstDay; day < firstDay + MAX_DAYS; day += 1) {
    for (const span of counted(day)) {
      const start = Math.max(span.from, from);
      const length = span.to - start;
      if (length > 0 && left <= length) {
        return start + left;
      }
      left -= Math.max(0, length);
    }
  }
  throw new PermanentError("CONFIG_INVALID", "The work calendar has no working time ahead", {
    where: "work calendar",
    expected: "working hours on some day",
    got: `none in ${MAX_DAYS} days after ${new Date(from).toISOString()}`,
  });
}

/** Days are numbered from 1970-01-01 of the town's own calendar. */
function spansOf(calendar: WorkCalendar, zone: Zone, day: number): Day {
  const whole = { from: zone.at(day, 0), to: zone.at(day + 1, 0) };
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  const special = calendar.days.find((one) => one.date === date);
  if (special?.kind === "holiday") {
    return { whole, hours: [] };
  }
  // 1970-01-01 was a Thursday; a make-up day is worked like a Monday.
  const weekday = special?.kind === "workday" ? 1 : ((((day + 3) % 7) + 7) % 7) + 1;
  const hours = calendar.hours
    .filter((row) => row.day === weekday)
    .map((row) => ({
      from: zone.at(day, minutesOf(row.from)),
      to: zone.at(day, minutesOf(row.to)),
    }))
    .filter((span) => span.to > span.from)
    .sort((a, b) => a.from - b.from);
  return { whole, hours };
}

function minutesOf(timeOfDay: string): number {
  const [hours = 0, minutes = 0] = timeOfDay.split(":").map(Number);
  return hours * 60 + minutes;
}

function remember<T>(read: (day: number) => T): (day: number) => T {
  const days = new Map<number, T>();
  return (day) => {
    let found = days.get(day);
    if (found === undefined) {
      if (days.size >= MAX_CACHED_DAYS) {
        days.clear();
      }
      found = read(day);
      days.set(day, found);
    }
    return found;
  };
}

interface Zone {
  dayOf(at: EpochMs): number;
  /** The moment at which the town's clock shows these minutes of a day. */
  at(day: number, minutes: number): EpochMs;
}

function createZone(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const readOffsetMs = (at: EpochMs): number => {
    const part = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    ) as Record<"year" | "month" | "day" | "hour" | "minute" | "second", number>;
    const shown = Date.UTC(
      part.year,
      part.month - 1,
      part.day,
      part.hour,
      part.minute,
      part.second,
    );
    return shown - Math.floor(at / 1000) * 1000;
  };
  // Asking the zone is slow; most days have one offset from end to end.
  const offsetOfDay = remember((day): number | null => {
    const first = readOffsetMs(day * DAY_MS);
    return first === readOffsetMs((day + 1) * DAY_MS) ? first : null;
  });
  const offsetMs = (at: EpochMs): number =>
    offsetOfDay(Math.floor(at / DAY_MS)) ?? readOffsetMs(at);
  return {
    dayOf: (at) => Math.floor((at + offsetMs(at)) / DAY_MS),
    at: (day, minutes) => {
      const shown = day * DAY_MS + minutes * MINUTE_MS;
      // The offset before a change of the clocks may be the wrong one; the second look is right.
      const guess = shown - offsetMs(shown);
      return shown - offsetMs(guess);
    },
  };
}

/** Monday to Friday, two halves, no holidays: for towns that have not entered a calendar yet. */
export const DEFAULT_CALENDAR: WorkCalendar = {
  timeZone: "Asia/Shanghai",
  hours: [1, 2, 3, 4, 5].flatMap((day) => [
    { day, from: "08:30", to: "12:00" },
    { day, from: "13:30", to: "18:00" },
  ]),
  days: [],
};

/** Working time by the calendar that is in force at each call. */
export function followCalendar(current: () => WorkCalendar): WorkTime {
  let calendar = current();
  let work = createWorkTime(calendar);
  const inForce = (): WorkTime => {
    const now = current();
    if (now !== calendar) {
      calendar = now;
      work = createWorkTime(now);
    }
    return work;
  };
  return {
    add: (base, from, amountMs) => inForce().add(base, from, amountMs),
    between: (base, from, to) => inForce().between(base, from, to),
  };
}
