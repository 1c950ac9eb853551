import { describe, expect, it } from "vitest";
import {
  conditionOf,
  countConditions,
  listCameras,
  partOf,
  refOf,
  stripOf,
} from "../../../../console/model/cameras/index.ts";
import type { CameraItem, RuleTest } from "../../../../protocol/index.ts";

const camera = (cameraId: string, facts: Partial<CameraItem> = {}): CameraItem => ({
  ...{ ref: `n/${cameraId}`, nodeId: "n", cameraId, name: cameraId, node: "up", state: "live" },
  ...{ since: null, reason: null, frames: null, registered: true, active: true, gridCode: null },
  ...{ purposes: ["public-safety"], refused: null, openCases: 0 },
  wanted: { version: 2, analysed: true, paused: [] },
  inForce: { version: 2, analysed: true, rules: 1, paused: [], toldAt: "2026-01-01T00:00:00.000Z" },
  ...facts,
});

const WELL = camera("b");
const LOST = camera("z", { state: "lost", reason: "connection refused" });
const LATE = camera("y", { node: "late" });
const STOPPED = camera("c", { wanted: { version: 2, analysed: false, paused: [] } });
const WAITING = camera("a", { wanted: { version: 3, analysed: true, paused: [] } });

describe("the list of cameras", () => {
  it("tells what is wrong: a lost stream before a plan that waits", () => {
    expect([WELL, LOST, LATE, STOPPED, WAITING].map(conditionOf)).toEqual([
      ...["well", "trouble", "trouble", "stopped", "waiting"],
    ]);
    expect(conditionOf(camera("i", { active: false, state: "lost" }))).toBe("idle");
    expect(conditionOf(camera("e", { state: "ended" }))).toBe("well");
    expect(
      conditionOf(camera("f", { inForce: null, wanted: { ...WELL.wanted, version: 0 } })),
    ).toBe("well");
  });

  it("puts the worst first, and finds by words and condition", () => {
    const all = [WELL, WAITING, STOPPED, LOST, LATE];
    expect(listCameras(all, "all", "").map(({ name }) => name)).toEqual(["y", "z", "c", "a", "b"]);
    expect(listCameras(all, "all", "REFUSED  connection")).toEqual([LOST]);
    expect(listCameras(all, "stopped", "")).toEqual([STOPPED]);
    expect(countConditions(all)).toContainEqual({ filter: "trouble", count: 2 });
  });

  it("names a camera in the address", () => {
    expect(refOf(partOf(WELL))).toEqual({ nodeId: "n", cameraId: "b" });
    expect([refOf("n"), refOf("~b"), refOf("a~b~c")]).toEqual([null, null, null]);
  });
});

describe("a test's strip of time", () => {
  const test: RuleTest = {
    from: "2026-01-01T00:00:00.000Z",
    to: "2026-01-01T00:10:00.000Z",
    ...{ looks: 10, incomplete: [], tracks: 2, alarmCount: 2, footprints: [] },
    alarms: [
      { id: "x", onset: "2026-01-01T00:01:00.000Z", ended: "2026-01-01T00:02:00.000Z" },
      { id: "y", onset: "2026-01-01T00:05:00.000Z" },
    ] as unknown as RuleTest["alarms"],
  };

  it("places alarms, leaves open what is open, and tells an hour's worth", () => {
    expect(stripOf(test)).toMatchObject({
      lengthS: 600,
      perHour: 12,
      alarms: [
        { start: 0.1, end: 0.2, lastedS: 60, isOpen: false },
        { start: 0.5, end: 1, lastedS: null, isOpen: true },
      ],
    });
  });

  it("is none while nothing is remembered, and guesses no rate from seconds", () => {
    expect(stripOf({ ...test, looks: 0 })).toBeNull();
    const short = { ...test, to: "2026-01-01T00:02:00.000Z" };
    expect(stripOf(short)?.perHour).toBeNull();
  });
});
