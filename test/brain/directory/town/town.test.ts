import { beforeAll, describe, expect, it } from "vitest";
import { createTown, EMPTY_TOWN, type Town } from "../../../../brain/directory/index.ts";
import type { DutyShift, IncidentEvent, TownRecord } from "../../../../protocol/index.ts";
import { demoTexts, readTexts } from "./town-sample.ts";

let record: TownRecord;
let town: Town;
beforeAll(async () => {
  ({ record } = readTexts(await demoTexts()));
  town = createTown(record, 1);
});

const PLAZA = "110101001001001";
const at = (text: string): number => Date.parse(`${text}+08:00`);

describe("the grid of an event", () => {
  const locate = (location: object): unknown =>
    town.locate({ lat: 39.904_2, lon: 116.407_4, crs: "WGS84", ...location });

  it("is the one it names, where there is such a grid", () => {
    expect(locate({ gridCode: "110101001003005" })).toEqual({
      gridCode: "110101001003005",
      how: "named",
    });
  });

  it("is that of its place where it names none or an unknown one, which is kept", () => {
    expect(locate({})).toEqual({ gridCode: PLAZA, how: "point" });
    expect(locate({ gridCode: "999999999999999" })).toEqual({
      gridCode: PLAZA,
      how: "point",
      claimed: "999999999999999",
    });
    expect(locate({ gridCode: "999999999999999", lat: 50 })).toEqual({
      gridCode: null,
      how: "outside",
      claimed: "999999999999999",
    });
  });

  it("is the nearest one just outside of the town", () => {
    expect(locate({ lat: 39.906 })).toMatchObject({ gridCode: PLAZA, how: "nearest" });
    expect((locate({ lat: 39.906 }) as { distanceM: number }).distanceM).toBeGreaterThan(40);
    expect(locate({ lat: 39.907_5 })).toEqual({ gridCode: null, how: "outside" });
  });

  it("is found from positions of Chinese maps, which are shifted by hundreds of metres", () => {
    // The plaza camera as a GCJ-02 map shows it.
    const shifted = { lat: 39.905_603, lon: 116.413_641, crs: "GCJ02" };
    expect(locate(shifted)).toEqual({ gridCode: PLAZA, how: "point" });
    expect(locate({ ...shifted, crs: "WGS84" })).not.toMatchObject({ gridCode: PLAZA });
    expect(locate({ crs: "CGCS2000" })).toEqual({ gridCode: PLAZA, how: "point" });
  });

  it("is the lake's where the park has a hole", () => {
    expect(locate({ lat: 39.899_8, lon: 116.410_4 })).toMatchObject({
      gridCode: "110101001003005",
    });
  });
});

describe("an event", () => {
  const event = (location: object): IncidentEvent =>
    ({
      id: "1",
      data: { title: {}, location: { lat: 39.904_2, lon: 116.407_4, crs: "WGS84", ...location } },
    }) as unknown as IncidentEvent;
  const codeAfter = (location: object, of = town): string | undefined =>
    of.locateEvent(event(location)).event.data.location.gridCode;

  it("gets the grid of its place, loses a code that no grid has, and keeps the rest", () => {
    expect(codeAfter({})).toBe(PLAZA);
    expect(codeAfter({ gridCode: "999999999999999" })).toBe(PLAZA);
    expect(codeAfter({ gridCode: "999999999999999", lat: 50 })).toBeUndefined();
    const named = event({ gridCode: "110101001003001" });
    expect(town.locateEvent(named).event).toBe(named);
    expect(town.locateEvent(event({ address: "No. 1" })).event).toEqual(
      event({ address: "No. 1", gridCode: PLAZA }),
    );
  });

  it("keeps its code while no grids have been imported", () => {
    const empty = createTown(EMPTY_TOWN, 0);
    expect(codeAfter({ gridCode: "999999999999999" }, empty)).toBe("999999999999999");
    expect(codeAfter({}, empty)).toBeUndefined();
  });
});

describe("people on duty", () => {
  const ids = (department: string, grid: string, time: string, of = town): string[] =>
    of.onDuty(department, grid, at(time)).map(({ responder }) => responder.id);
  const withShifts = (...shifts: Partial<DutyShift>[]): Town =>
    createTown(
      {
        ...record,
        shifts: shifts.map((shift) => ({
          ...{ responder: "patrol-day", area: "110101001", rank: 1, days: "1234567" },
          ...{ from: "00:00", to: "24:00", firstDay: null, lastDay: null },
          ...shift,
        })),
      },
      1,
    );

  it("are those of the department and the place: grid, then community, then street, by rank", () => {
    expect(ids("GA", PLAZA, "2026-11-24T09:00")).toEqual(["patrol-day", "ga-desk"]);
    expect(ids("ZZ", PLAZA, "2026-11-24T09:00")).toEqual([
      "grid-worker-1",
      "inspector-1",
      "zz-desk",
    ]);
    expect(ids("ZZ", "110101001002001", "2026-11-24T09:00")[0]).toBe("grid-worker-2");
    expect(ids("ZZ", "110101002001001", "2026-11-24T09:00")).toEqual([]);
    expect(ids("QQ", PLAZA, "2026-11-24T09:00")).toEqual([]);
  });

  it("change with the hour, and a shift over midnight belongs to the day on which it starts", () => {
    expect(ids("GA", PLAZA, "2026-11-24T19:59")[0]).toBe("patrol-day");
    expect(ids("GA", PLAZA, "2026-11-24T20:00")[0]).toBe("patrol-night");
    expect(ids("GA", PLAZA, "2026-11-25T07:59")[0]).toBe("patrol-night");
    expect(ids("GA", PLAZA, "2026-11-25T08:00")[0]).toBe("patrol-day");
    const friday = withShifts({ days: "5", from: "22:00", to: "06:00" });
    // 2026-11-27 is a Friday.
    expect(ids("GA", PLAZA, "2026-11-27T21:59", friday)).toEqual([]);
    expect(ids("GA", PLAZA, "2026-11-27T22:00", friday)).toEqual(["patrol-day"]);
    expect(ids("GA", PLAZA, "2026-11-28T05:59", friday)).toEqual(["patrol-day"]);
    expect(ids("GA", PLAZA, "2026-11-28T06:00", friday)).toEqual([]);
    expect(ids("GA", PLAZA, "2026-11-28T22:30", friday)).toEqual([]);
  });

  it("serve within the first and last day of a shift", () => {
    const once = withShifts({
      firstDay: "2026-11-24",
      lastDay: "2026-11-24",
      from: "18:00",
      to: "18:00",
    });
    expect(ids("GA", PLAZA, "2026-11-24T17:59", once)).toEqual([]);
    expect(ids("GA", PLAZA, "2026-11-24T18:00", once)).toEqual(["patrol-day"]);
    expect(ids("GA", PLAZA, "2026-11-25T17:59", once)).toEqual(["patrol-day"]);
    expect(ids("GA", PLAZA, "2026-11-25T18:00", once)).toEqual([]);
  });

  it("are named once, by their nearest place", () => {
    const twice = withShifts({ rank: 2 }, { area: PLAZA, rank: 5 });
    expect(town.onDuty("GA", PLAZA, at("2026-11-24T09:00"))).toHaveLength(2);
    expect(twice.onDuty("GA", PLAZA, at("2026-11-24T09:00"))).toMatchObject([
      { area: PLAZA, rank: 5 },
    ]);
  });
});

describe("the town", () => {
  it("knows its cameras, their ways, units and calendar", () => {
    expect(town.findCamera("demo-node", "demo-plaza")?.siteType).toBe("square");
    expect(town.findCamera("other", "demo-plaza")).toBeUndefined();
    expect(town.neighboursOf("demo-node", "demo-plaza").map(({ to }) => to)).toEqual([
      "demo-node/demo-arcade",
      "demo-node/demo-market",
      "demo-node/demo-park",
    ]);
    expect(town.cameraGraph.travel("demo-node/demo-plaza", "demo-node/demo-market")).toMatchObject({
      minMs: 90_000,
      maxMs: 420_000,
    });
    expect(town.unitsOf("CG").map(({ code }) => code)).toEqual(["sanitation"]);
    expect(town.calendar?.days).toContainEqual({
      date: "2026-02-14",
      kind: "workday",
      name: "春节调休",
    });
    expect(town.findArea("110101001002")?.zh).toBe("河畔社区");
  });

  it("judges what a camera may tell of", () => {
    expect(town.judge("demo-node", "demo-plaza", "SEC.CROSS")).toBe("permitted");
    expect(town.judge("demo-node", "demo-plaza", "DEV.LOST")).toBe("permitted");
    expect(town.judge("demo-node", "demo-plaza", "UM.GARBAGE")).toBe("not-its-purpose");
    expect(town.judge("demo-node", "demo-park", "SEC.CROSS")).toBe("inactive");
    expect(town.judge("demo-node", "own-camera", "SEC.CROSS")).toBe("unregistered");
  });

  it("lists filings that are due, and which are overdue", () => {
    const late = createTown(
      {
        ...record,
        cameras: record.cameras.map((camera) => ({
          ...camera,
          filedOn: camera.cameraId === "demo-plaza" ? null : camera.filedOn,
        })),
      },
      1,
    );
    const dueOn = "2026-02-14";
    expect(late.dueFilings(at("2026-02-14T23:59"))).toEqual([
      { camera: "demo-node/demo-plaza", dueOn, overdue: false },
    ]);
    expect(late.dueFilings(at("2026-02-15T00:00"))).toMatchObject([{ dueOn, overdue: true }]);
    expect(town.dueFilings(at("2027-01-01T00:00"))).toEqual([]);
  });

  it("without an import has the catalogue's departments and no grids", () => {
    const empty = createTown(EMPTY_TOWN, 0);
    expect(empty.hasDepartment("GA")).toBe(true);
    expect(empty.hasDepartment("QQ")).toBe(false);
    expect(empty.gridOf(39.9, 116.4)).toBeUndefined();
    expect(empty.onDuty("GA", PLAZA, 0)).toEqual([]);
  });
});
