import { describe, expect, it } from "vitest";
import {
  correctCoordinate,
  predictCoordinate,
  startCoordinate,
} from "../../../edge/track/kalman.ts";

describe("coordinate filter", () => {
  it("follows the matrix form of the filter exactly", () => {
    const c = startCoordinate(10, 2, 3);
    predictCoordinate(c, 0.5, 0.4, 0.6);
    // P' = F P Fᵀ + Q with F = [1 ½; 0 1], P = diag(4, 9), Q = diag(0.2, 0.3).
    expect([c.position, c.velocity]).toEqual([10, 0]);
    expect(c.pp).toBeCloseTo(4 + 0.25 * 9 + 0.2, 12);
    expect(c.pv).toBeCloseTo(4.5, 12);
    expect(c.vv).toBeCloseTo(9.3, 12);

    const { pp, pv, vv } = c;
    correctCoordinate(c, 12, 1);
    const s = pp + 1;
    expect(c.position).toBeCloseTo(10 + (pp / s) * 2, 12);
    expect(c.velocity).toBeCloseTo((pv / s) * 2, 12);
    expect(c.pp).toBeCloseTo(pp - (pp * pp) / s, 12);
    expect(c.pv).toBeCloseTo(pv - (pp * pv) / s, 12);
    expect(c.vv).toBeCloseTo(vv - (pv * pv) / s, 12);
  });

  it("learns a constant velocity whatever the frame rate", () => {
    for (const fps of [2.5, 5, 10, 25]) {
      const c = startCoordinate(0, 5, 50);
      for (let frame = 1; frame <= fps * 4; frame++) {
        predictCoordinate(c, 1 / fps, 1, 1);
        correctCoordinate(c, (30 * frame) / fps, 2);
      }
      expect(c.velocity).toBeCloseTo(30, 0);
      expect(c.position).toBeCloseTo(120, 0);
    }
  });

  it("never has a negative variance", () => {
    const c = startCoordinate(0, 1e-3, 1e-3);
    for (let step = 0; step < 10_000; step++) {
      predictCoordinate(c, 0.04, 1e-6, 1e-6);
      correctCoordinate(c, Math.sin(step / 10), 1e-3);
    }
    expect(c.pp).toBeGreaterThan(0);
    expect(c.vv).toBeGreaterThan(0);
    expect(c.pp * c.vv - c.pv ** 2).toBeGreaterThan(0);
  });
});
