/** Who is on duty: shifts repeat on days of the week in the town's time, and may pass midnight. */
import type { DutyShift, EpochMs, Responder } from "../../../protocol/index.ts";
import { compareText } from "./sheets.ts";

const DAY_MS = 86_400_000;
const DAY_MIN = 1_440;

/** A moment on the town's wall clock. */
export interface LocalTime {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Since midnight, minutes. */
  readonly minute: number;
}

export function createLocalClock(timeZone: string): (at: EpochMs) => LocalTime {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (at) => {
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, value]),
    ) as Record<"year" | "month" | "day" | "hour" | "minute", string>;
    const date = `${parts.year}-${parts.month}-${parts.day}`;
    return { date, minute: Number(parts.hour) * 60 + Number(parts.minute) };
  };
}

export interface OnDuty {
  readonly responder: Responder;
  /** Street, community or grid that the shift covers. */
  readonly area: string;
  readonly rank: number;
}

export interface DutyRoster {
  /** Nearest area first, then rank; empty when nobody is on duty. */
  onDuty(department: string, gridCode: string, at: EpochMs): readonly OnDuty[];
}

interface Shift {
  readonly entry: OnDuty;
  readonly days: string;
  readonly fromMin: number;
  /** Beyond a day's minutes where the shift passes midnight. */
  readonly toMin: number;
  readonly firstDay: string;
  readonly lastDay: string;
}

export function createDutyRoster(
  responders: readonly Responder[],
  shifts: readonly DutyShift[],
  timeZone: string,
): DutyRoster {
  const people = new Map(responders.map((responder) => [responder.id, responder]));
  const byPlace = new Map<string, Shift[]>();
  for (const shift of shifts) {
    const responder = people.get(shift.responder);
    if (responder !== undefined) {
      const key = `${responder.department} ${shift.area}`;
      byPlace.set(key, [...(byPlace.get(key) ?? []), shiftOf(responder, shift)]);
    }
  }
  const localTime = createLocalClock(timeZone);
  return {
    onDuty: (department, gridCode, at) => {
      const now = localTime(at);
      const found: OnDuty[] = [];
      // A grid, its community, its street: the nearest is called first.
      for (let length = gridCode.length; length >= 9; length -= 3) {
        const here = byPlace.get(`${department} ${gridCode.slice(0, length)}`) ?? [];
        const serving = here.filter((shift) => covers(shift, now)).map(({ entry }) => entry);
        found.push(...serving.sort(byRank));
      }
      const seen = new Set<string>();
      return found.filter(({ responder: { id } }) => !seen.has(id) && seen.add(id));
    },
  };
}

function byRank(a: OnDuty, b: OnDuty): number {
  return a.rank - b.rank || compareText(a.responder.id, b.responder.id);
}

function shiftOf(responder: Responder, shift: DutyShift): Shift {
  const fromMin = minuteOf(shift.from);
  const toMin = minuteOf(shift.to);
  return {
    entry: { responder, area: shift.area, rank: shift.rank },
    days: shift.days,
    fromMin,
    toMin: toMin > fromMin ? toMin : toMin + DAY_MIN,
    firstDay: shift.firstDay ?? "",
    lastDay: shift.lastDay ?? "9999-12-31",
  };
}

function minuteOf(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3));
}

/** A shift belongs to the day on which it starts. */
function covers(shift: Shift, { date, minute }: LocalTime): boolean {
  return (
    (startsOn(shift, date) && minute >= shift.fromMin && minute < shift.toMin) ||
    (minute + DAY_MIN < shift.toMin && startsOn(shift, dayBefore(date)))
  );
}

function startsOn(shift: Shift, date: string): boolean {
  return (
    date >= shift.firstDay && date <= shift.lastDay && shift.days.includes(String(weekdayOf(date)))
  );
}

/** 1 Monday to 7 Sunday. */
function weekdayOf(date: string): number {
  return ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
}

function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
}
