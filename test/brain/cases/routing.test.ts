import { describe, expect, it } from "vitest";
import { routeBy, routeCase } from "../../../brain/cases/index.ts";
import type { EventType, RoutingRule } from "../../../protocol/index.ts";

const TYPE = { code: "UM.STALL", lead: "CG", co: ["GA", "SC"], sla: "S2" } as unknown as EventType;
type Rule = Pick<RoutingRule, "lead" | "unit" | "co">;
const rule = (lead: string, co: string[] | null, unit = ""): Rule => ({ lead, co, unit }) as Rule;

describe("a type that the town routes", () => {
  it("stays as the catalogue has it without a rule", () => {
    expect(routeBy(TYPE, undefined)).toBe(TYPE);
  });

  it("is led by the rule's lead, with the catalogue's lead beside where the rule names nobody", () => {
    expect(routeBy(TYPE, rule("JT", null))).toMatchObject({ lead: "JT", co: ["CG", "GA", "SC"] });
  });

  it("never has its lead beside itself, nor anybody twice", () => {
    expect(routeBy(TYPE, rule("GA", null)).co).toEqual(["CG", "SC"]);
    expect(routeBy(TYPE, rule("JT", ["JT", "GA", "GA"])).co).toEqual(["GA"]);
  });

  it("has nobody beside where the rule says so, and the unit that the rule names", () => {
    const routed = routeBy(TYPE, rule("JT", [], "JT-01"));
    expect(routed).toMatchObject({ lead: "JT", co: [], unit: "JT-01" });
    expect(routeBy(TYPE, rule("JT", []))).not.toHaveProperty("unit");
  });
});

describe("the shares of a case", () => {
  const endpoints: Readonly<Record<string, string>> = { CG: "e-cg", ZZ: "e-hub" };
  const find = (code: string): string | undefined => endpoints[code];

  it("go to the lead, and to the others to read, where life is not in danger", () => {
    expect(routeCase(TYPE, find)).toEqual([
      { department: "CG", role: "lead", endpointId: "e-cg", fallback: false },
      { department: "GA", role: "informed", endpointId: null, fallback: false },
      { department: "SC", role: "informed", endpointId: null, fallback: false },
    ]);
  });

  it("go by the hub to whoever has no endpoint, and to nobody where the hub has none", () => {
    const urgent = { ...TYPE, sla: "S0", co: ["GA"] } as EventType;
    expect(routeCase(urgent, find)[1]).toEqual({
      ...{ department: "GA", role: "co", endpointId: "e-hub", fallback: true },
    });
    expect(routeCase(urgent, () => undefined)[0]).toMatchObject({
      ...{ endpointId: null, fallback: false },
    });
  });
});
