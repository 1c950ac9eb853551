/** Whether a rule is on at a moment, told by the wall clock of a time zone. */
import type { Schedule } from "../../config/index.ts";
import type { EpochMs } from "../../protocol/index.ts";

const MINUTE_MS = 60_000;
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** An empty schedule is always on. `to` itself is off; `to` before or at `from` is the next day. */
export function isOnSchedule(schedule: Schedule, at: EpochMs, timeZone: string): boolean {
  if (schedule.length === 0) {
    return true;
  }
  const { day, minute } = wallTime(at, timeZone);
  const yesterday = day === 1 ? 7 : day - 1;
  return schedule.some(({ days, from, to }) => {
    const [start, end] = [minuteOf(from), minuteOf(to)];
    if (start < end) {
      return days.includes(day) && minute >= start && minute < end;
    }
    return (days.includes(day) && minute >= start) || (days.includes(yesterday) && minute < end);
  });
}

function minuteOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

interface WallTime {
  /** 1 Monday … 7 Sunday. */
  readonly day: number;
  /** Of the day. */
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Formatting costs more than a whole frame's rules, and the answer holds for a minute. */
let last:
  | { readonly minuteMs: number; readonly timeZone: string; readonly wall: WallTime }
  | undefined;

function wallTime(at: EpochMs, timeZone: string): WallTime {
  const minuteMs = Math.floor(at / MINUTE_MS);
  if (last?.minuteMs === minuteMs && last.timeZone === timeZone) {
    return last.wall;
  }
  const format = formats.get(timeZone) ?? createFormat(timeZone);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const wall = {
    day: DAYS.indexOf(parts.get("weekday") ?? "") + 1,
    minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
  };
  last = { minuteMs, timeZone, wall };
  return wall;
}

function createFormat(timeZone: string): Intl.DateTimeFormat {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  formats.set(timeZone, format);
  return format;
}
