import { describe, expect, it } from "vitest";
import type { ReportTown } from "../../../brain/reports/ports.ts";
import { findPlace } from "../../../brain/reports/find-place.ts";
import type { Area } from "../../../protocol/index.ts";

const square = (west: number, south: number): Area["geometry"] => ({
  type: "Polygon",
  coordinates: [
    [
      [west, south],
      [west + 0.002, south],
      [west + 0.002, south + 0.002],
      [west, south + 0.002],
      [west, south],
    ],
  ],
});
const area = (code: string, zh: string, en: string, geometry: Area["geometry"] = null): Area => ({
  level: code.length === 15 ? "grid" : "community",
  code,
  scheme: "unit",
  zh,
  en,
  geometry,
});
const AREAS = [
  area("110101001001", "广场社区", "Plaza"),
  area("110101001001001", "广场一网格", "Plaza 1", square(116.5, 39.8)),
  area("110101001001002", "广场二网格", "Plaza 2", square(116.502, 39.8)),
  area("110101001002", "河畔社区", "Riverside"),
  area("110101001002001", "河畔网格", "Riverside 1", square(116.51, 39.8)),
];
const town: ReportTown = {
  record: { areas: AREAS, responders: [] },
  findArea: (code) => AREAS.find((one) => one.code === code),
  locate: () => ({ gridCode: null, how: "outside" }),
};

describe("findPlace", () => {
  it("takes the phone's point as it is, also outside of every grid", () => {
    expect(findPlace({ lat: 39, lon: 116, accuracyM: 8, address: "桥下" }, town)).toEqual({
      lat: 39,
      lon: 116,
      crs: "WGS84",
      accuracyM: 8,
      address: "桥下",
    });
  });

  it("places a grid in its middle, with an accuracy that reaches its corners", () => {
    const { lat, lon, accuracyM, gridCode } = findPlace({ grid: "110101001001001" }, town);
    expect(gridCode).toBe("110101001001001");
    expect([lat, lon].map((degrees) => degrees.toFixed(4))).toEqual(["39.8010", "116.5010"]);
    expect(accuracyM).toBeGreaterThan(135);
    expect(accuracyM).toBeLessThan(145);
  });

  it("finds the grid that an address names, in either language, or a community's only one", () => {
    const grids = ["广场二网格 3 号楼", "near PLAZA 2, gate", "河畔社区 5 号"].map(
      (address) => findPlace({ address }, town).gridCode,
    );
    expect(grids).toEqual(["110101001001002", "110101001001002", "110101001002001"]);
  });

  it("refuses what could be in several grids, in none, or is a community's code", () => {
    for (const place of [{ address: "广场社区" }, { address: "别处" }, { grid: "9".repeat(15) }]) {
      expect(() => findPlace(place, town)).toThrow(/place of the report cannot be found/);
    }
  });
});
