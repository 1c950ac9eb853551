import { describe, expect, it } from "vitest";
import {
  LookPlanner,
  type GateVerdict,
  type Look,
  type MotionGate,
} from "../../../edge/gate/index.ts";
import type { BoxNorm } from "../../../protocol/index.ts";
import { covered } from "./scene.ts";

type Kind = ReturnType<MotionGate["look"]>["kind"];

const FULL: Look = { kind: "full" };

function box(left: number, top: number, width: number, height: number): BoxNorm {
  return { left, top, width, height };
}

function saw(kind: Kind, ...regions: BoxNorm[]): GateVerdict {
  return { kind, regions };
}

/** A planner whose first full look was done at 0. */
function started(): LookPlanner {
  const planner = new LookPlanner({ fullLookMs: 10_000 });
  planner.done(FULL, 0);
  return planner;
}

function regionsOf(look: Look | undefined): readonly BoxNorm[] {
  return look?.kind === "regions" ? look.regions : [];
}

describe("LookPlanner", () => {
  it("looks at the whole frame first, then only when it is due", () => {
    const planner = new LookPlanner({ fullLookMs: 10_000 });
    expect(planner.plan(saw("still"), [], 0)).toEqual(FULL);
    planner.done(FULL, 0);
    expect(planner.plan(saw("still"), [], 9900)).toBeUndefined();
    expect(planner.plan(saw("still"), [], 10_000)).toEqual(FULL);
  });

  it("does not ask twice for a full look under way, and again when it was lost", () => {
    const planner = started();
    expect(planner.plan(saw("still"), [], 10_000)).toEqual(FULL);
    expect(planner.plan(saw("still"), [], 10_200)).toBeUndefined();
    expect(planner.plan(saw("still"), [], 10_600)).toEqual(FULL);
    planner.done(FULL, 10_600);
    expect(planner.plan(saw("still"), [], 20_500)).toBeUndefined();
  });

  it("looks at what moves meanwhile", () => {
    const planner = started();
    planner.plan(saw("still"), [], 10_000);
    const look = planner.plan(saw("motion", box(0.4, 0.4, 0.1, 0.1)), [], 10_200);
    expect(look?.kind).toBe("regions");
  });

  it("looks several times a second while the gate calibrates", () => {
    const planner = new LookPlanner({ fullLookMs: 10_000 });
    const asked: number[] = [];
    for (let at = 0; at < 1000; at += 100) {
      const look = planner.plan(saw("calibrating"), [], at);
      if (look !== undefined) {
        asked.push(at);
        planner.done(look, at);
      }
    }
    expect(asked).toEqual([0, 300, 600, 900]);
  });

  it("looks at every frame of a moving camera, and until done after a jump of light", () => {
    const planner = started();
    for (const at of [1000, 1100, 1200]) {
      expect(planner.plan(saw("camera-moved"), [], at)).toEqual(FULL);
    }
    planner.done(FULL, 1200);
    expect(planner.plan(saw("lighting"), [], 1300)).toEqual(FULL);
    expect(planner.plan(saw("still"), [], 1900)).toEqual(FULL);
    planner.done(FULL, 1900);
    expect(planner.plan(saw("still"), [], 2500)).toBeUndefined();
  });

  it("gives a small mover room, inside the frame", () => {
    const planner = started();
    const mover = box(0.96, 0, 0.04, 0.05);
    const [region, ...others] = regionsOf(planner.plan(saw("motion", mover), [], 100));
    expect(others).toEqual([]);
    expect(region).toMatchObject({ left: 0.8, top: 0, width: 0.2, height: 0.2 });
    expect(covered(mover, [region as BoxNorm])).toBeCloseTo(1);
  });

  it("never cuts a known object, nor one that the object leads to", () => {
    const planner = started();
    const near = box(0.55, 0.3, 0.15, 0.3);
    const next = box(0.68, 0.35, 0.1, 0.3);
    const far = box(0.05, 0.7, 0.1, 0.2);
    const look = planner.plan(saw("motion", box(0.45, 0.4, 0.1, 0.1)), [next, near, far], 100);
    const regions = regionsOf(look);
    expect(covered(near, regions)).toBeCloseTo(1);
    expect(covered(next, regions)).toBeCloseTo(1);
    expect(covered(far, regions)).toBe(0);
  });

  it("joins neighbours, keeps what is far apart, and gives at most three disjoint regions", () => {
    const planner = started();
    const pair = [box(0.1, 0.1, 0.05, 0.1), box(0.2, 0.12, 0.05, 0.1)];
    expect(regionsOf(planner.plan(saw("motion", ...pair), [], 100))).toHaveLength(1);
    const apart = [box(0.1, 0.1, 0.05, 0.1), box(0.8, 0.8, 0.05, 0.1)];
    expect(regionsOf(planner.plan(saw("motion", ...apart), [], 100))).toHaveLength(2);
    const five = [0.02, 0.25, 0.5, 0.72, 0.95].map((left) => box(left, 0.1, 0.03, 0.1));
    const regions = regionsOf(planner.plan(saw("motion", ...five), [], 100));
    expect(regions.length).toBeLessThanOrEqual(3);
    five.forEach((mover) => expect(covered(mover, regions)).toBeCloseTo(1));
    regions.forEach((a, i) => {
      regions.slice(i + 1).forEach((b) => expect(covered(a, [b])).toBe(0));
    });
  });

  it("looks at the whole frame when most of it moves", () => {
    const planner = started();
    expect(planner.plan(saw("motion", box(0.1, 0.1, 0.7, 0.7)), [], 100)).toEqual(FULL);
  });
});
