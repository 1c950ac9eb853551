import { describe, expect, it } from "vitest";
import { casePath } from "../../../console/model/index.ts";
import type { CaseState, TimelineKind } from "../../../protocol/index.ts";

const at = (second: number): string => new Date(second * 1000).toISOString();
const went = (...kinds: TimelineKind[]): { at: string; kind: TimelineKind }[] =>
  kinds.map((kind, second) => ({ kind, at: at(second) }));
const states = (state: CaseState, kinds: TimelineKind[] = []): string =>
  casePath(state, went(...kinds))
    .map((step) => `${step.status === "current" ? "*" : ""}${step.state}`)
    .join(" ");

describe("the way of a case", () => {
  it("shows what is done, where it is and what lies ahead, with times", () => {
    const path = casePath("DISPATCHED", went("reported", "filed", "dispatched", "delivered"));
    expect(path.map((step) => step.status)).toEqual(["done", "done", "current", "ahead"]);
    expect(path.map((step) => step.at)).toEqual([at(0), at(1), at(2), null]);
    expect(path.map((step) => step.tookMs)).toEqual([null, 1000, 1000, null]);
  });

  it.each<[CaseState, string]>([
    ["REPORTED", "*REPORTED FILED DISPATCHED ACCEPTED"],
    ["VERIFYING", "REPORTED *VERIFYING FILED DISPATCHED ACCEPTED"],
    ["RETURNED", "REPORTED FILED DISPATCHED *RETURNED"],
    ["REJECTED", "REPORTED *REJECTED"],
    ["CONTAINED", "REPORTED FILED DISPATCHED ACCEPTED HANDLING *CONTAINED"],
    ["WHISTLED", "REPORTED FILED DISPATCHED ACCEPTED *WHISTLED"],
  ])("leads to %s", (state, expected) => {
    expect(states(state)).toBe(expected);
  });

  it("shows for a cancelled case only the states it reached", () => {
    expect(states("CANCELLED", ["reported", "filed", "cancelled"])).toBe(
      "REPORTED FILED *CANCELLED",
    );
  });
});
