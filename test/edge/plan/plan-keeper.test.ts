import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cameraSchema } from "../../../config/index.ts";
import { PlanKeeper, SceneTeller } from "../../../edge/plan/index.ts";
import { cameraPlanSchema, type CameraPlan, type CameraScene } from "../../../protocol/index.ts";
import { recordingLog } from "../ingest/camera-fixture.ts";

const RULE = {
  ...{ kind: "zone-intrusion", id: "zone", eventType: "SEC.INTRUDE" },
  zone: [
    [0.4, 0.4],
    [0.6, 0.4],
    [0.6, 0.9],
  ],
};
const CAMERA = cameraSchema.parse({
  ...{ id: "cam", name: "Gate", source: "rtsp://camera/stream", purpose: "test" },
  location: { lat: 39.8, lon: 116.5, crs: "WGS84" },
  rules: [RULE],
});

let folder: string;
let changes: string[];
let log: ReturnType<typeof recordingLog>;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "sesb-plans-"));
  changes = [];
  log = recordingLog();
});
afterEach(() => rmSync(folder, { recursive: true }));

function keeper(camera = CAMERA): PlanKeeper {
  return new PlanKeeper({
    ...{ dataDir: folder, cameras: [camera], labels: ["person", "car"], log: log.log },
    onChange: (id, { version }) => changes.push(`${id} ${version}`),
  });
}

function plan(change: object): CameraPlan {
  return cameraPlanSchema.parse({
    ...{ camera: "cam", version: 1, analysed: true, paused: [], rules: null },
    ...change,
  });
}

describe("PlanKeeper", () => {
  it("puts a plan in force with every default filled in, and keeps it over a restart", () => {
    const first = keeper();
    expect(first.of("cam")).toMatchObject({ version: 0, analysed: true });
    first.take([plan({ version: 3, rules: [{ ...RULE, dwellS: 9 }], paused: ["zone"] })]);
    expect(changes).toEqual(["cam 3"]);
    expect(first.of("cam").rules).toMatchObject([{ dwellS: 9, clearS: 3 }]);
    const second = keeper();
    expect(second.of("cam")).toEqual(first.of("cam"));
    expect(second.states()).toEqual([{ camera: "cam", version: 3 }]);
  });

  it("goes back to the file with a plan that names no rules", () => {
    const kept = keeper();
    kept.take([plan({ rules: [] }), plan({ version: 2, analysed: false })]);
    expect(kept.of("cam")).toMatchObject({ version: 2, analysed: false, rules: CAMERA.rules });
  });

  it.each([
    ["a key that no rule has", [{ ...RULE, zoom: 1 }], "rules.0"],
    [
      "a zone outside the picture",
      [
        {
          ...RULE,
          zone: [
            [0, 0],
            [2, 0],
            [1, 1],
          ],
        },
      ],
      "rules.0.zone.1.0",
    ],
    [
      "a zone without an area",
      [
        {
          ...RULE,
          zone: [
            [0, 0],
            [0.5, 0.5],
            [1, 1],
          ],
        },
      ],
      "rules.0.zone",
    ],
    ["two rules of one name", [RULE, RULE], "rules.1.id"],
    ["a class that the model does not know", [{ ...RULE, classes: ["dragon"] }], "rules.0.classes"],
    [
      "a density without a calibration",
      [{ ...RULE, kind: "crowd", eventType: "SEC.CROWD", densityPerM2: 4 }],
      "rules.0.densityPerM2",
    ],
    [
      "a line without a length",
      [
        {
          kind: "line-crossing",
          id: "line",
          eventType: "SEC.CROSS",
          line: [
            [0.5, 0.5],
            [0.5, 0.5],
          ],
        },
      ],
      "rules.0.line",
    ],
  ])("refuses %s and leaves the plan before in force", (_what, rules, where) => {
    const kept = keeper();
    kept.take([plan({ version: 1, paused: ["zone"] })]);
    kept.take([plan({ version: 2, rules })]);
    expect(kept.states()).toMatchObject([
      { version: 1, refused: { version: 2, problem: { code: "PLAN_INVALID", where } } },
    ]);
    expect(kept.of("cam").paused).toEqual(new Set(["zone"]));
    expect(keeper().of("cam").version).toBe(1);
    kept.take([plan({ version: 3 })]);
    expect(kept.states()).toEqual([{ camera: "cam", version: 3 }]);
  });

  it("moves plans aside that cannot be read, and goes on with the file", () => {
    writeFileSync(path.join(folder, "plans.json"), '{"plans": [');
    expect(keeper().of("cam").version).toBe(0);
    expect(readdirSync(folder)).toEqual(["plans.json.unreadable"]);
    expect(log.entries.map(({ level }) => level)).toEqual(["error"]);
  });

  it("stays switched off when the camera's file no longer fits the plan", () => {
    keeper().take([plan({ analysed: false, rules: [{ ...RULE, classes: ["car"] }] })]);
    const poorer = new PlanKeeper({
      ...{ dataDir: folder, cameras: [CAMERA], labels: ["person"], log: log.log },
      onChange: () => undefined,
    });
    expect(poorer.of("cam")).toMatchObject({ version: 0, analysed: false, rules: CAMERA.rules });
    expect(poorer.states()).toMatchObject([{ version: 0, refused: { version: 1 } }]);
  });

  it("keeps plans of cameras that the configuration lacks at present", () => {
    keeper().take([plan({ version: 5 })]);
    const other = cameraSchema.parse({ ...CAMERA, id: "other" });
    keeper(other).take([plan({ camera: "other", version: 1 })]);
    expect(keeper().of("cam").version).toBe(5);
  });
});

describe("SceneTeller", () => {
  const scene = (camera: string, name = camera): CameraScene =>
    ({ camera, name, rules: [], fileRules: [] }) as unknown as CameraScene;

  it("tells what is new or changed, once", () => {
    let scenes = [scene("a"), scene("b")];
    const teller = new SceneTeller(() => scenes);
    expect(teller.untold().scenes).toHaveLength(2);
    teller.note(teller.untold().scenes);
    expect(teller.untold()).toEqual({ scenes: [], more: false });
    scenes = [scene("a"), scene("b", "renamed")];
    expect(teller.untold().scenes).toEqual([scenes[1]]);
    teller.forget();
    expect(teller.untold().scenes).toHaveLength(2);
  });

  it("spreads many scenes over several questions", () => {
    const scenes = Array.from({ length: 50 }, (_, index) =>
      scene(`cam-${index}`, "x".repeat(9_000)),
    );
    const teller = new SceneTeller(() => scenes);
    let questions = 0;
    for (let more = true; more; questions++) {
      const told = teller.untold();
      more = told.more;
      expect(JSON.stringify(told.scenes).length).toBeLessThan(250_000);
      teller.note(told.scenes);
    }
    expect(questions).toBe(3);
    expect(teller.untold().scenes).toEqual([]);
  });
});
