import { describe, expect, it } from "vitest";
import { scheduleSchema, type Schedule } from "../../../config/index.ts";
import { isOnSchedule } from "../../../edge/rules/index.ts";

const SHANGHAI = "Asia/Shanghai";

/** 2026-11-23 is a Monday; the time is Shanghai's, eight hours before UTC. */
function on(schedule: Schedule, day: number, time: string, timeZone = SHANGHAI): boolean {
  const at = Date.parse(`2026-11-${22 + day}T${time}:00+08:00`);
  return isOnSchedule(schedule, at, timeZone);
}

const span = (from: string, to: string, days?: number[]): Schedule =>
  scheduleSchema.parse([days === undefined ? { from, to } : { from, to, days }]);

describe("schedule", () => {
  it("is always on when it is empty", () => {
    expect(on([], 1, "03:00")).toBe(true);
  });

  it("is on from its first minute to the one before its last", () => {
    const office = span("08:30", "17:00");
    expect(["08:29", "08:30", "16:59", "17:00"].map((time) => on(office, 1, time))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("keeps to its days", () => {
    const weekend = span("08:00", "20:00", [6, 7]);
    expect([1, 5, 6, 7].map((day) => on(weekend, day, "12:00"))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it("reaches into the morning after the day on which it begins", () => {
    const fridayNight = span("22:00", "06:00", [5]);
    expect(on(fridayNight, 5, "05:00")).toBe(false);
    expect(on(fridayNight, 5, "22:00")).toBe(true);
    expect(on(fridayNight, 6, "05:59")).toBe(true);
    expect(on(fridayNight, 6, "06:00")).toBe(false);
    expect(on(fridayNight, 6, "22:00")).toBe(false);
  });

  it("reaches from Sunday's night into Monday", () => {
    expect(on(span("23:00", "01:00", [7]), 1, "00:30")).toBe(true);
  });

  it("takes a span of no length for a whole day", () => {
    const monday = span("00:00", "00:00", [1]);
    expect([on(monday, 1, "00:00"), on(monday, 1, "23:59"), on(monday, 2, "00:00")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("is on when any of its spans is", () => {
    const both = [...span("08:00", "09:00"), ...span("17:00", "18:00")];
    expect(["08:30", "12:00", "17:30"].map((time) => on(both, 3, time))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("means the wall clock of its time zone", () => {
    const morning = span("06:00", "12:00");
    expect(on(morning, 1, "08:00")).toBe(true);
    expect(on(morning, 1, "08:00", "UTC")).toBe(false);
  });

  it("is on at the same wall time after the clocks have changed", () => {
    const morning = span("06:00", "07:00");
    for (const day of ["2026-03-28T05:30:00Z", "2026-03-29T04:30:00Z"]) {
      expect(isOnSchedule(morning, Date.parse(day), "Europe/Berlin")).toBe(true);
    }
  });
});
