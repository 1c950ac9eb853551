import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type FailedAttempt,
  failureOf,
  nextAttempt,
  parseRetryAfter,
} from "../../../brain/dispatch/index.ts";

const NOW = 1_790_000_000_000;
const HOUR_MS = 3_600_000;

const failed = (changes: Partial<FailedAttempt> = {}): FailedAttempt => ({
  attempts: 1,
  slowAttempts: 0,
  now: NOW,
  fastUntil: NOW + 300_000,
  giveUpAt: NOW + 72 * HOUR_MS,
  failure: "transient",
  retryAfterMs: null,
  random: () => 0,
  ...changes,
});

const delayS = (changes: Partial<FailedAttempt>): number => {
  const next = nextAttempt(failed(changes));
  return next.kind === "dead" ? Number.NaN : (next.at - (changes.now ?? NOW)) / 1000;
};

describe("the retry schedule", () => {
  it("is 1, 2, 4, 8, 15, 30, 30 … s before the deadline", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 20].map((attempts) => delayS({ attempts }));
    expect(delays).toEqual([1, 2, 4, 8, 15, 30, 30, 30]);
  });

  it("is 2, 10, 30, 30 … min after it", () => {
    const fastUntil = NOW - 1;
    const delays = [0, 1, 2, 3].map((slowAttempts) => delayS({ fastUntil, slowAttempts }) / 60);
    expect(delays).toEqual([2, 10, 30, 30]);
  });

  it("is slow at once where people must correct the address", () => {
    expect(delayS({ failure: "config" })).toBe(120);
  });

  it("gives up at its end and never later", () => {
    expect(nextAttempt(failed({ now: NOW, giveUpAt: NOW }))).toEqual({ kind: "dead" });
    expect(delayS({ fastUntil: 0, giveUpAt: NOW + 5_000 })).toBe(5);
  });

  it("honours Retry-After, but not beyond the deadline", () => {
    expect(delayS({ retryAfterMs: 20_000 })).toBe(20);
    expect(delayS({ retryAfterMs: HOUR_MS })).toBe(300);
    expect(delayS({ retryAfterMs: 100 })).toBe(1);
    expect(delayS({ fastUntil: 0, retryAfterMs: 24 * HOUR_MS })).toBe(7_200);
  });

  it("always moves forward, within its bounds, for any input", () => {
    fc.assert(
      fc.property(
        fc.record({
          attempts: fc.integer({ min: 1, max: 10_000 }),
          slowAttempts: fc.nat({ max: 10_000 }),
          fastUntil: fc.integer({ min: NOW - HOUR_MS, max: NOW + HOUR_MS }),
          giveUpAt: fc.integer({ min: NOW + 1, max: NOW + 80 * HOUR_MS }),
          failure: fc.constantFrom("transient" as const, "config" as const),
          retryAfterMs: fc.option(fc.nat({ max: 100 * HOUR_MS })),
          share: fc.double({ min: 0, max: 0.999, noNaN: true }),
        }),
        ({ share, ...input }) => {
          const next = nextAttempt(failed({ ...input, random: () => share }));
          expect(next.kind).toBe("retry");
          if (next.kind === "retry") {
            expect(next.at).toBeGreaterThan(NOW);
            expect(next.at).toBeLessThanOrEqual(input.giveUpAt);
            expect(next.at - NOW).toBeLessThanOrEqual(2 * HOUR_MS * 1.2);
          }
        },
      ),
    );
  });

  it("knows which answers ask for patience and which for people", () => {
    expect([408, 425, 429, 500, 502, 503, null].map(failureOf)).toEqual(Array(7).fill("transient"));
    expect([301, 302, 400, 401, 403, 404, 405, 410, 422].map(failureOf)).toEqual(
      Array(9).fill("config"),
    );
  });

  it("reads Retry-After in seconds and as a date, and nothing else", () => {
    expect(parseRetryAfter("7", NOW)).toBe(7_000);
    expect(parseRetryAfter(new Date(NOW + 9_000).toUTCString(), NOW)).toBe(9_000);
    expect(parseRetryAfter(new Date(0).toUTCString(), NOW)).toBe(0);
    expect(parseRetryAfter("soon", NOW)).toBeNull();
    expect(parseRetryAfter(undefined, NOW)).toBeNull();
  });
});
