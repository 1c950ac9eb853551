import { describe, expect, it } from "vitest";
import { isSameMachine, regressionsOf } from "../../../bench/edge/regression.ts";

const higher = (value: number) => ({ value, better: "higher" }) as const;
const lower = (value: number) => ({ value, better: "lower" }) as const;

describe("the comparison with a stored run", () => {
  it("forgives up to a tenth in the bad direction and anything in the good one", () => {
    const before = { speed: higher(1), faster: higher(1), cost: lower(1), cheaper: lower(1) };
    const now = { speed: higher(0.91), faster: higher(3), cost: lower(1.09), cheaper: lower(0.1) };
    expect(regressionsOf(before, now)).toEqual([]);
  });

  it("tells what is more than a tenth worse, and by how much", () => {
    const before = { speed: higher(1), cost: lower(2) };
    const found = regressionsOf(before, { speed: higher(0.75), cost: lower(2.5) });
    expect(found.map(({ name, worse }) => [name, worse])).toEqual([
      ["speed", 0.25],
      ["cost", 0.25],
    ]);
  });

  it("counts a figure that cannot be had any more as a regression", () => {
    expect(regressionsOf({ speed: higher(1) }, { speed: higher(NaN) })).toHaveLength(1);
  });

  it("leaves out what only one run has", () => {
    expect(regressionsOf({ old: higher(1) }, { fresh: higher(1) })).toEqual([]);
  });

  it("takes machines for the same by processor and number of cores", () => {
    const machine = { cpu: "Some CPU", cores: 2 };
    expect(isSameMachine(machine, { ...machine })).toBe(true);
    expect(isSameMachine(machine, { ...machine, cores: 4 })).toBe(false);
  });
});
