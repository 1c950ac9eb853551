import { describe, expect, it } from "vitest";
import { distanceM, fromGcj02, placeOf, toGcj02 } from "../../../brain/correlate/index.ts";

describe("places", () => {
  it("measures metres at the latitude of the place", () => {
    const a = placeOf({ lat: 39.8, lon: 116.5, crs: "WGS84" });
    const north = placeOf({ lat: 39.801, lon: 116.5, crs: "WGS84" });
    const east = placeOf({ lat: 39.8, lon: 116.501, crs: "WGS84" });
    expect(distanceM(a, north)).toBeCloseTo(111.3, 0);
    expect(distanceM(a, east)).toBeCloseTo(85.5, 0);
  });

  it("undoes the shift of Chinese maps", () => {
    // A published pair of Beijing: the shift is some 550 m.
    const shifted = toGcj02({ lat: 39.907375, lon: 116.391349 });
    expect(shifted.lat).toBeCloseTo(39.908778, 4);
    expect(shifted.lon).toBeCloseTo(116.397593, 4);
    const back = fromGcj02(shifted);
    expect(back.lat).toBeCloseTo(39.907375, 6);
    expect(back.lon).toBeCloseTo(116.391349, 6);
  });

  it("leaves places outside of China as they are", () => {
    expect(toGcj02({ lat: 48.85, lon: 2.35 })).toEqual({ lat: 48.85, lon: 2.35 });
  });

  it("brings both systems to the same place", () => {
    const wgs = { lat: 39.75, lon: 116.45 };
    const gcj = placeOf({ ...toGcj02(wgs), crs: "GCJ02" });
    expect(distanceM(placeOf({ ...wgs, crs: "WGS84" }), gcj)).toBeLessThan(0.1);
  });
});
