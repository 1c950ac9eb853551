import { describe, expect, it } from "vitest";
import {
  ageOf,
  formatCountdown,
  formatDuration,
  levelOf,
  readClock,
} from "../../../console/model/index.ts";

const START = "2026-01-01T00:00:00.000Z";
const at = (minutes: number): number => Date.parse(START) + minutes * 60_000;
const iso = (minutes: number): string => new Date(at(minutes)).toISOString();
const clock = { startedAt: START, dueAt: iso(10), stoppedAt: null, limitMs: 600_000 };

describe("a case's clock", () => {
  it("waits until it has begun", () => {
    const waiting = { ...clock, startedAt: null, dueAt: null };
    expect(readClock(waiting, at(5))).toEqual({ kind: "waiting", limitMs: 600_000 });
  });

  it.each([
    [4.99, "calm"],
    [5, "half"],
    [8, "most"],
    [10, "over"],
  ])("is, after %d of 10 minutes, %s", (minutes, level) => {
    expect(readClock(clock, at(minutes))).toMatchObject({ kind: "running", level });
  });

  it("counts below zero once the limit has passed", () => {
    expect(readClock(clock, at(11))).toMatchObject({ remainingMs: -60_000, fraction: 1.1 });
  });

  it("keeps what it took once stopped", () => {
    const stopped = { ...clock, stoppedAt: iso(2) };
    expect(readClock(stopped, at(500))).toMatchObject({ kind: "stopped", elapsedMs: 120_000 });
  });

  it("does not run backwards when this browser's clock is behind", () => {
    expect(readClock(clock, at(-3))).toMatchObject({ elapsedMs: 0, fraction: 0 });
  });

  it("takes the limit in force where no due time is given", () => {
    expect(readClock({ ...clock, dueAt: null }, at(5))).toMatchObject({ fraction: 0.5 });
  });
});

describe("words for time", () => {
  it("has levels at 50, 80 and 100 %", () => {
    expect([0.499, 0.5, 0.799, 0.8, 0.999, 1].map(levelOf)).toEqual([
      "calm",
      "half",
      "half",
      "most",
      "most",
      "over",
    ]);
  });

  it("shows short durations in seconds and long ones by the clock", () => {
    expect([52, 994, 12_340, 59_949, 59_950, 61_000, 3_725_000].map(formatDuration)).toEqual([
      "0.05 s",
      "0.99 s",
      "12.3 s",
      "59.9 s",
      "0:59",
      "1:01",
      "1:02:05",
    ]);
  });

  it("counts down in whole seconds", () => {
    expect([7_900, -65_000, 10_800_000].map(formatCountdown)).toEqual(["0:07", "1:05", "3:00:00"]);
  });

  it("rounds ages down to their largest unit", () => {
    const ages = [4, 59, 60, 3_599, 3_600, 86_400].map((seconds) => ageOf(0, seconds * 1000));
    expect(ages.map(({ unit, count }) => `${count} ${unit}`)).toEqual([
      "0 now",
      "59 s",
      "1 min",
      "59 min",
      "1 h",
      "1 d",
    ]);
  });
});
