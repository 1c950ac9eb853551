import { describe, expect, it } from "vitest";
import {
  cameraSchema,
  edgeConfigSchema,
  lineRuleSchema,
  loadEdgeConfig,
  parseYaml,
  zoneRuleSchema,
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
    expect(config.model).toMatchObject({ id: "nanodet", provider: "cpu", workers: 1 });
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
    expect(reference.node.metricsPort).toBe(bare.node.metricsPort);
    expect(Object.keys(reference.cameras[0] ?? {}).sort()).toEqual(
      [...Object.keys(cameraSchema.shape)].sort(),
    );
  });

  it("shows every kind of rule with every option", () => {
    const shown = new Map(reference.cameras[0]?.rules.map((rule) => [rule.kind, rule]));
    for (const schema of [zoneRuleSchema, lineRuleSchema]) {
      const rule = shown.get(schema.shape.kind.value);
      expect(Object.keys(rule ?? {}).sort()).toEqual(Object.keys(schema.shape).sort());
    }
  });
});
