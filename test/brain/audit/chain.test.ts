import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHAIN_START, chainHash, type ChainedRow } from "../../../brain/audit/index.ts";

const ROW: ChainedRow = {
  number: 1,
  id: "0190b0a0-0000-7000-8000-000000000001",
  at: new Date(1_700_000_000_000),
  actor: "operator",
  action: "case.view",
  subject: "case:1",
  outcome: "done",
  purpose: null,
  address: "127.0.0.1",
  facts: { a: 1, b: "x" },
};

describe("the chain of the audit", () => {
  it("does not depend on the order in which facts are read", () => {
    const other = { ...ROW, facts: { b: "x", a: 1 } };
    expect(chainHash(CHAIN_START, other)).toBe(chainHash(CHAIN_START, ROW));
  });

  it("changes with the hash before and with every column", () => {
    const before = chainHash(CHAIN_START, ROW);
    const changes: Partial<ChainedRow>[] = [
      { number: 2 },
      { id: "0190b0a0-0000-7000-8000-000000000002" },
      { at: new Date(1_700_000_000_001) },
      { actor: "operator:2" },
      { action: "case.command" },
      { subject: "case:2" },
      { outcome: "refused" },
      { purpose: "" },
      { address: null },
      { facts: { a: "1", b: "x" } },
    ];
    const hashes = changes.map((change) => chainHash(CHAIN_START, { ...ROW, ...change }));
    const again = chainHash("f".repeat(64), ROW);
    expect(new Set([before, again, ...hashes]).size).toBe(changes.length + 2);
  });

  it("does not let text wander from one column into the next", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, moved) => {
        fc.pre(moved !== "");
        const left = chainHash(CHAIN_START, { ...ROW, actor: a + moved, action: b });
        const right = chainHash(CHAIN_START, { ...ROW, actor: a, action: moved + b });
        expect(left).not.toBe(right);
      }),
    );
  });
});
