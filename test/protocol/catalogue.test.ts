import { describe, expect, it } from "vitest";
import { catalogue, findDepartment, findEventType, findLine } from "../../protocol/index.ts";

describe("catalogue", () => {
  it("holds 48 event types, 15 departments and 9+X lines, each once", () => {
    expect(new Set(catalogue.eventTypes.map((type) => type.code)).size).toBe(48);
    expect(new Set(catalogue.departments.map((one) => one.code)).size).toBe(15);
    const lines = catalogue.lines.map((line) => line.code);
    expect(lines.filter((code) => code.startsWith("B"))).toHaveLength(9);
    expect(new Set(lines).size).toBe(16);
  });

  it("routes every event type to known departments and an enabled line", () => {
    for (const type of catalogue.eventTypes) {
      expect(findDepartment(type.lead), type.code).toBeDefined();
      expect(
        type.co.every((code) => findDepartment(code) !== undefined),
        type.code,
      ).toBe(true);
      expect(type.co, type.code).not.toContain(type.lead);
      expect(findLine(type.line)?.enabled, type.code).toBe(true);
    }
  });

  it("ships the registers of persons disabled", () => {
    expect([findLine("B3")?.enabled, findLine("B4")?.enabled]).toEqual([false, false]);
  });

  it("keeps life-safety types at service level S0 where severity is 1", () => {
    const gravest = catalogue.eventTypes.filter((type) => type.severity === 1);
    expect(gravest.map((type) => type.sla)).toEqual(gravest.map(() => "S0"));
    expect(findEventType("SEC.INTRUDE")).toMatchObject({
      lead: "GA",
      gb28181: { method: 5, type: 6 },
    });
  });
});
