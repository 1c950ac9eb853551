import { describe, expect, it } from "vitest";
import {
  cameraSchema,
  edgeConfigSchema,
  loadEdgeConfig,
  parseYaml,
  ruleSchema,
} from "../../config/index.ts";

const GOOD = `
node: {id: n1, dataDir: data}
brain: {url: "http://127.0.0.1:8080", secretFile: secret}
cameras:
  - id: cam1
    name: Gate
    source: rtsp://camera/stream
    location: {lat: 39.8, lon: 116.5, crs: WGS84}
    purpose: public-security
    rules:
      - {kind: line-crossing, id: l, eventType: SEC.CROSS, line: [[0.5, 0.9], [0.5, 0.2]]}
`;

function complaint(text: string): string {
  try {
    parseYaml(text, "edge.yaml", edgeConfigSchema);
  } catch (error) {
    return (error as Error).message;
  }
  return "no complaint";
}

describe("edge configuration", () => {
  it("fills in defaults", () => {
    const config = parseYaml(GOOD, "edge.yaml", edgeConfigSchema);
    expect(config.model).toMatchObject({ id: "nanodet", provider: "cpu" });
    expect(config.model).toMatchObject({ workers: "auto", threads: "auto" });
    expect(config.cameras[0]).toMatchObject({
      analysis: { minFps: 2, targetFps: 5, gate: true, fullLookS: 10 },
      decode: { mode: "full", hwaccel: "none" },
    });
    expect(config.cameras[0]).toMatchObject({ maxFps: 10, transport: "tcp", masks: [] });
  });

  it("names an unknown key and its place", () => {
    expect(complaint(GOOD.replace("name: Gate", "name: Gate\n    colour: red"))).toMatch(
      /cameras\.0.*got colour/,
    );
  });

  it("says what was expected where a value is wrong", () => {
    expect(complaint(GOOD.replace("lat: 39.8", "lat: 399"))).toMatch(/cameras\.0\.location\.lat/);
    expect(complaint(GOOD.replace("SEC.CROSS", "SEC.NOPE"))).toMatch(/event type of the catalogue/);
    expect(complaint(GOOD.replace("kind: line-crossing", "kind: magic"))).toMatch(/rules\.0/);
  });

  it("takes numbers in place of auto, and nothing else", () => {
    const withModel = (model: string): string => GOOD.replace("brain:", `model: ${model}\nbrain:`);
    const config = parseYaml(withModel("{workers: 2, threads: 3}"), "e.yaml", edgeConfigSchema);
    expect(config.model).toMatchObject({ workers: 2, threads: 3 });
    expect(complaint(withModel("{workers: 0}"))).toMatch(/model\.workers/);
    expect(complaint(withModel("{threads: some}"))).toMatch(/model\.threads/);
  });

  it("refuses a floor of looks above their aim, and what is no hardware decoder", () => {
    const withCamera = (text: string): string =>
      GOOD.replace("name: Gate", `name: Gate\n    ${text}`);
    expect(complaint(withCamera("analysis: {minFps: 6}"))).toMatch(/minFps at most targetFps/);
    expect(complaint(withCamera("analysis: {targetFps: 8, fps: 1}"))).toMatch(/got fps/);
    expect(complaint(withCamera("decode: {hwaccel: '-i x'}"))).toMatch(/decode\.hwaccel/);
    expect(complaint(withCamera("decode: {mode: half}"))).toMatch(/decode\.mode/);
  });

  it("refuses a camera without a purpose", () => {
    expect(complaint(GOOD.replace("    purpose: public-security\n", ""))).toMatch(/purpose/);
  });

  it("refuses the same id twice", () => {
    const twice = GOOD.replace(
      "rules:",
      `rules:
      - {kind: line-crossing, id: l, eventType: SEC.CROSS, line: [[0.1, 0.9], [0.1, 0.2]]}`,
    );
    expect(complaint(twice)).toMatch(/got l twice; at cameras\.0\.rules\.1\.id/);
  });

  it("refuses a density without a metre to tell it by", () => {
    const crowd = (extra: string): string =>
      GOOD.replace(
        "rules:",
        `rules:
      - {kind: crowd, id: c, eventType: SEC.CROWD, zone: [[0, 0], [1, 0], [1, 1]]${extra}}`,
      );
    expect(complaint(crowd(", densityPerM2: 4"))).toMatch(/calibration/);
    expect(complaint(crowd(""))).toMatch(/expected count or densityPerM2/);
  });

  it("refuses a time zone and a time of day that do not exist", () => {
    expect(complaint(GOOD.replace("{id: n1,", "{id: n1, timeZone: Mars/Olympus,"))).toMatch(
      /timeZone.*IANA|IANA.*timeZone/,
    );
    const scheduled = GOOD.replace(
      "rules:",
      `rules:
      - {kind: camera-tamper, id: t, eventType: DEV.TAMPER, schedule: [{from: "24:00", to: "06:00"}]}`,
    );
    expect(complaint(scheduled)).toMatch(/HH:MM/);
  });

  it("names the line of what is not YAML", () => {
    expect(complaint("node: {id: [")).toMatch(/edge\.yaml:1/);
  });
});

describe("the commented reference", () => {
  const reference = loadEdgeConfig(
    new URL("../../config/edge.example.yaml", import.meta.url).pathname,
  );

  it("is valid and shows every option with its default", () => {
    const bare = parseYaml(GOOD, "edge.yaml", edgeConfigSchema);
    expect(reference.model).toEqual(bare.model);
    expect(reference.outbox).toEqual(bare.outbox);
    expect(reference.cameras[0]?.analysis).toEqual(bare.cameras[0]?.analysis);
    expect(reference.cameras[0]?.decode).toEqual(bare.cameras[0]?.decode);
    expect(reference.node.metricsPort).toBe(bare.node.metricsPort);
    expect(Object.keys(reference.cameras[0] ?? {}).sort()).toEqual(
      [...Object.keys(cameraSchema.shape)].sort(),
    );
  });

  it("shows every kind of rule with every option", () => {
    const shown = new Map(reference.cameras[0]?.rules.map((rule) => [rule.kind, rule]));
    for (const schema of ruleSchema.options) {
      const rule = shown.get(schema.shape.kind.value);
      expect(Object.keys(rule ?? {}).sort()).toEqual(Object.keys(schema.shape).sort());
    }
  });
});
