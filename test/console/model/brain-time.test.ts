import { expect, it } from "vitest";
import { learnBrainTime, NO_BRAIN_TIME } from "../../../console/model/index.ts";

const LOCAL_MS = Date.parse("2026-01-01T00:00:00.000Z");
const AHEAD_MS = 90_000;
const saidAfter = (delayMs: number, atMs: number): [string, number] => [
  new Date(atMs + AHEAD_MS - delayMs).toISOString(),
  atMs,
];

it("takes the least delayed message as the truest", () => {
  let time = NO_BRAIN_TIME;
  for (const [index, delayMs] of [900, 20, 400].entries()) {
    time = learnBrainTime(time, ...saidAfter(delayMs, LOCAL_MS + index * 2000));
  }
  expect(time.offsetMs).toBe(AHEAD_MS - 20);
});

it("does not move for the network's jitter", () => {
  const first = learnBrainTime(NO_BRAIN_TIME, ...saidAfter(30, LOCAL_MS));
  expect(learnBrainTime(first, ...saidAfter(5, LOCAL_MS)).offsetMs).toBe(first.offsetMs);
});

it("forgets old samples, so that a corrected clock is followed", () => {
  let time = learnBrainTime(NO_BRAIN_TIME, ...saidAfter(0, LOCAL_MS));
  for (let tick = 1; tick <= 20; tick++) {
    time = learnBrainTime(time, ...saidAfter(60_000, LOCAL_MS + tick * 2000));
  }
  expect(time.offsetMs).toBe(AHEAD_MS - 60_000);
});
