import { describe, expect, it } from "vitest";
import { backoffMs, isReady } from "../../../demo/launcher/index.ts";

describe("supervision", () => {
  it("waits longer after each failure, and never longer than ten seconds", () => {
    expect([0, 1, 2, 3, 4, 5, 50].map(backoffMs)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
    ]);
  });

  it("knows a ready message from others", () => {
    expect(isReady("ready")).toBe(true);
    expect(isReady({ kind: "ready", url: "x" })).toBe(true);
    expect(isReady({ type: "ready" })).toBe(true);
    expect(isReady({ kind: "busy" })).toBe(false);
    expect(isReady(null)).toBe(false);
    expect(isReady(1)).toBe(false);
  });
});
