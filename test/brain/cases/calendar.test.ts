import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWorkTime, DEFAULT_CALENDAR } from "../../../brain/cases/index.ts";
import { type TimeBase, timeBaseSchema, type WorkCalendar } from "../../../protocol/index.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const shanghai = (text: string): number => Date.parse(`${text}+08:00`);

/** 2026-10-01 to 07 are off; Saturday 10-10 makes up for it. */
const NATIONAL_DAY: WorkCalendar = {
  ...DEFAULT_CALENDAR,
  days: [
    ...[1, 2, 3, 4, 5, 6, 7].map((day) => ({
      date: `2026-10-0${day}`,
      kind: "holiday" as const,
      name: "National Day",
    })),
    { date: "2026-10-10", kind: "workday", name: "make-up day" },
  ],
};
const work = createWorkTime(NATIONAL_DAY);

describe("working time", () => {
  it("counts office hours, pausing at noon and in the night", () => {
    const friday = shanghai("2026-11-20T11:00:00");
    expect(work.add("working-hours", friday, HOUR_MS)).toBe(shanghai("2026-11-20T12:00:00"));
    expect(work.add("working-hours", friday, 2 * HOUR_MS)).toBe(shanghai("2026-11-20T14:30:00"));
    expect(work.add("working-hours", friday, 6 * HOUR_MS)).toBe(shanghai("2026-11-23T09:00:00"));
  });

  it("leaps holidays and works make-up days", () => {
    const eve = shanghai("2026-09-30T17:00:00");
    expect(work.add("working-hours", eve, 2 * HOUR_MS)).toBe(shanghai("2026-10-08T09:30:00"));
    const friday = shanghai("2026-10-09T17:00:00");
    expect(work.add("working-hours", friday, 2 * HOUR_MS)).toBe(shanghai("2026-10-10T09:30:00"));
  });

  it("gives a working day from ten to ten, over the weekend", () => {
    const friday = shanghai("2026-11-20T10:00:00");
    expect(work.add("working-days", friday, DAY_MS)).toBe(shanghai("2026-11-23T10:00:00"));
    const saturday = shanghai("2026-11-21T10:00:00");
    expect(work.add("working-days", saturday, DAY_MS)).toBe(shanghai("2026-11-24T00:00:00"));
  });

  it("counts every hour and every day in the other two bases", () => {
    const at = shanghai("2026-10-01T00:00:00");
    expect(work.add("continuous", at, 3 * HOUR_MS)).toBe(at + 3 * HOUR_MS);
    expect(work.add("calendar-days", at, 7 * DAY_MS)).toBe(at + 7 * DAY_MS);
  });

  it("keeps office hours by the town's own clock when that changes", () => {
    const berlin = createWorkTime({ ...DEFAULT_CALENDAR, timeZone: "Europe/Berlin" });
    // Summer time ends on 2026-10-25: 08:30 is 06:30 UTC before and 07:30 UTC after it.
    const friday = Date.parse("2026-10-23T15:00:00Z");
    expect(berlin.add("working-hours", friday, 2 * HOUR_MS)).toBe(
      Date.parse("2026-10-26T08:30:00Z"),
    );
  });

  it("says so when a calendar never has working time", () => {
    const never = createWorkTime({ ...DEFAULT_CALENDAR, hours: [] });
    expect(() => never.add("working-hours", 0, 1)).toThrow(/no working time ahead/);
    expect(never.add("continuous", 5, 1)).toBe(6);
  });
});

describe("the arithmetic of working time", () => {
  const moment = fc.integer({
    min: shanghai("2026-09-20T00:00:00"),
    max: shanghai("2026-11-10T00:00:00"),
  });
  const amount = fc.integer({ min: 0, max: 12 * DAY_MS });
  const base = fc.constantFrom<TimeBase>(...timeBaseSchema.options);
  const calendars = fc.constantFrom(
    work,
    createWorkTime({ ...DEFAULT_CALENDAR, timeZone: "Europe/Berlin" }),
    createWorkTime({
      timeZone: "America/St_Johns",
      hours: [
        { day: 3, from: "00:00", to: "24:00" },
        { day: 6, from: "22:00", to: "23:17" },
      ],
      days: [],
    }),
  );

  it("finds after an amount exactly this amount, and no earlier moment has it", () => {
    fc.assert(
      fc.property(calendars, base, moment, amount, (time, kind, from, amountMs) => {
        const due = time.add(kind, from, amountMs);
        expect(time.between(kind, from, due)).toBe(amountMs);
        if (amountMs > 0) {
          expect(time.between(kind, from, due - 1)).toBeLessThan(amountMs);
        }
      }),
    );
  });

  it("adds up: two parts of a time are the whole, and two steps are one", () => {
    fc.assert(
      fc.property(calendars, base, moment, amount, amount, (time, kind, from, a, b) => {
        const middle = from + a;
        const end = middle + b;
        expect(time.between(kind, from, middle) + time.between(kind, middle, end)).toBe(
          time.between(kind, from, end),
        );
        expect(time.add(kind, time.add(kind, from, a), b)).toBe(time.add(kind, from, a + b));
      }),
    );
  });

  it("never counts more than has passed, and a later start is never due earlier", () => {
    fc.assert(
      fc.property(calendars, base, moment, amount, amount, (time, kind, from, a, later) => {
        expect(time.between(kind, from, from + a)).toBeLessThanOrEqual(a);
        expect(time.add(kind, from + later, a)).toBeGreaterThanOrEqual(time.add(kind, from, a));
        expect(time.between(kind, from + a, from)).toBe(0);
      }),
    );
  });
});
