import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { walkCase } from "../../../bench/machines/case-walk.ts";
import { seeded } from "../../../bench/support/seeded.ts";
import { createWorkTime, DEFAULT_CALENDAR } from "../../../brain/cases/index.ts";
import { caseStateSchema } from "../../../protocol/index.ts";

describe("random commands", () => {
  // Most commands are refused by design; the stack of each refusal would be most of the work.
  const { stackTraceLimit } = Error;
  beforeAll(() => {
    Error.stackTraceLimit = 0;
  });
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it("break no rule of cases and whistles, and reach every state", () => {
    const work = createWorkTime(DEFAULT_CALENDAR);
    const visited = new Set<string>();
    let closures = 0;
    for (let seed = 1; seed <= 300; seed += 1) {
      const start = Date.UTC(2026, 10, 23, 1) + seed * 3_000_000;
      const result = walkCase({ random: seeded(seed), steps: 60, work, start });
      result.visited.forEach((state) => visited.add(state));
      closures += result.closures;
    }
    expect(closures).toBeGreaterThan(50);
    expect([...visited].sort()).toEqual([...caseStateSchema.options].sort());
  });
});
