import { describe, expect, it } from "vitest";
import { explain, mergeIncidents, splitIncident } from "../../../brain/correlate/index.ts";

const decision = { actor: "operator", reason: "two different fights" };
const incident = { id: "i1", alarmKeys: ["alarm:n:a", "alarm:n:b"] };

describe("an operator's split and merge", () => {
  it("splits some alarms off, with the reason", () => {
    const split = splitIncident(incident, ["alarm:n:b"], "i2", decision);
    expect(split).toMatchObject({ kind: "split", newIncidentId: "i2", alarmKeys: ["alarm:n:b"] });
    expect(explain(split.explanation)).toBe("operator: two different fights");
  });

  it.each([
    ["none", []],
    ["all", incident.alarmKeys],
    ["another's", ["alarm:n:z"]],
  ])("refuses to split %s of the alarms", (_, keys) => {
    expect(() => splitIncident(incident, keys, "i2", decision)).toThrow(
      expect.objectContaining({ code: "STATE_CONFLICT" }) as Error,
    );
  });

  it("refuses a decision without a reason, and an incident twice", () => {
    const silent = { ...decision, reason: " " };
    expect(() => mergeIncidents("i1", "i2", silent)).toThrow(
      expect.objectContaining({ code: "COMMAND_REFUSED" }) as Error,
    );
    expect(() => mergeIncidents("i1", "i1", decision)).toThrow(
      expect.objectContaining({ code: "STATE_CONFLICT" }) as Error,
    );
  });
});
