import { describe, expect, it } from "vitest";
import { type Circuit, CLOSED, failed } from "../../../brain/dispatch/circuit.ts";

const START = 1_700_000_000_000;

/** Fails whenever it may probe, each probe taking `tookMs`, until `untilMs` have passed. */
function fail(untilMs: number, tookMs: number, kind: "transient" | "config" = "transient") {
  const probes: number[] = [];
  let circuit: Circuit = CLOSED;
  let now = START;
  while (now < START + untilMs) {
    now += tookMs;
    circuit = failed(circuit, { now, kind, random: () => 0.999 });
    probes.push(now);
    now = Math.max(now, circuit.probeAt ?? now);
  }
  return { circuit, probes, now };
}

describe("the circuit of an endpoint", () => {
  it("stays closed over one or two failures", () => {
    const once = failed(CLOSED, { now: START, kind: "transient", random: () => 0 });
    expect(once).toMatchObject({ failures: 1, probeAt: null, parkedAt: null });
    const twice = failed(once, { now: START + 1000, kind: "transient", random: () => 0 });
    expect(twice.probeAt).toBeNull();
  });

  it.each(["transient", "config"] as const)(
    "asks a department with %s failures at least every 35 s, time-outs included",
    (kind) => {
      const { probes } = fail(600_000, 5_000, kind);
      const gaps = probes.slice(1).map((at, index) => at - (probes[index] ?? at));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(35_000);
    },
  );

  it("asks people to look after two minutes, and only from then on", () => {
    expect(fail(60_000, 100).circuit.parkedAt).toBeNull();
    const { circuit } = fail(300_000, 100);
    expect((circuit.parkedAt ?? 0) - START).toBeGreaterThanOrEqual(120_000);
    expect((circuit.parkedAt ?? 0) - START).toBeLessThan(160_000);
  });
});
