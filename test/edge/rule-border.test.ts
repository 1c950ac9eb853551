import { describe, expect, it } from "vitest";
import { edgeConfigSchema, type RuleConfig } from "../../config/index.ts";
import { isNearShape } from "../../edge/rule-border.ts";

function ruleOf(rule: object): RuleConfig {
  const config = edgeConfigSchema.parse({
    node: { id: "n", dataDir: "d" },
    brain: { url: "http://127.0.0.1:1", secretFile: "s" },
    cameras: [
      {
        id: "c",
        name: "c",
        source: "c.mp4",
        location: { lat: 0, lon: 0, crs: "WGS84" },
        purpose: "test",
        rules: [{ id: "r", eventType: "SEC.INTRUDE", ...rule }],
      },
    ],
  });
  return config.cameras[0]?.rules[0] as RuleConfig;
}

/** A box whose foot point is at x, y. */
function standingAt(x: number, y: number): Parameters<typeof isNearShape>[0] {
  return { left: x - 0.05, top: y - 0.2, width: 0.1, height: 0.2 };
}

describe("isNearShape", () => {
  const square = {
    kind: "zone-intrusion",
    zone: [
      [0.2, 0.2],
      [0.8, 0.2],
      [0.8, 0.8],
      [0.2, 0.8],
    ],
  }; // prettier-ignore
  const zone = ruleOf(square);
  const line = ruleOf({
    kind: "line-crossing",
    line: [
      [0.5, 0.2],
      [0.5, 0.8],
    ],
  }); // prettier-ignore

  it.each([
    { what: "at a zone's border", rule: zone, x: 0.23, y: 0.5, near: true },
    { what: "at the side that closes the zone", rule: zone, x: 0.5, y: 0.77, near: true },
    { what: "deep inside a zone", rule: zone, x: 0.5, y: 0.5, near: false },
    { what: "beside a line", rule: line, x: 0.54, y: 0.5, near: true },
    { what: "beyond a line's end", rule: line, x: 0.5, y: 0.9, near: false },
  ])("is $near $what", ({ rule, x, y, near }) => {
    expect(isNearShape(standingAt(x, y), rule)).toBe(near);
  });
});
