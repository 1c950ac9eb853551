import { describe, expect, it } from "vitest";
import { killInRounds } from "../../bench/faults/kill-rounds.ts";
import { footageMissing } from "../support/footage.ts";

describe.skipIf(footageMissing !== undefined)("the demonstration under SIGKILL", () => {
  it("loses no incident and tells none twice when brain, node and camera are killed", async () => {
    const { verdict, outagesMs } = await killInRounds(3, 7);
    expect(Object.keys(outagesMs).sort()).toEqual(["brain", "camera-server", "edge"]);
    expect(verdict.cases).toBeGreaterThan(0);
    expect(verdict).toMatchObject({ lostEvents: 0, untold: [], doubled: [] });
  });
});
