import { describe, expect, it } from "vitest";
import { silenceOf, silenceOfCamera } from "../../../console/model/index.ts";
import type { SilenceView } from "../../../protocol/index.ts";
import { scriptCase } from "../../support/fake-brain/index.ts";

const NOW_MS = Date.parse("2026-01-01T12:00:00.000Z");
const fence = scriptCase(1, NOW_MS, { eventType: "SEC.INTRUDE" });
const smoke = scriptCase(1, NOW_MS, { eventType: "FIR.SMOKE" });

function silence(change: Partial<SilenceView> = {}): SilenceView {
  return {
    ...{ id: "s", kind: "silence", state: "active", nodeId: null, cameraId: null },
    ...{ eventType: null, gridPrefix: "110105", from: "", until: "", reason: "works" },
    ...{ lifeSafety: false, createdBy: "", createdAt: "", endedBy: null, endedAt: null },
    ...{ suppressed: { alarms: 0, events: 0, lastAt: null }, overlaps: [] },
    ...change,
  };
}

describe("a silence", () => {
  it("marks what it matches, while it is active", () => {
    expect(silenceOf([silence()], fence)?.id).toBe("s");
    expect(silenceOf([silence({ state: "planned" })], fence)).toBeUndefined();
    expect(silenceOf([silence({ gridPrefix: "120" })], fence)).toBeUndefined();
    const own = { nodeId: fence.camera.nodeId, cameraId: fence.camera.id, gridPrefix: null };
    expect(silenceOf([silence(own)], fence)?.id).toBe("s");
    expect(silenceOf([silence({ ...own, cameraId: "another" })], fence)).toBeUndefined();
    expect(silenceOf([silence({ eventType: "SEC.CROSS" })], fence)).toBeUndefined();
  });

  it("does not mark life safety unless it names it", () => {
    expect(silenceOf([silence()], smoke)).toBeUndefined();
    expect(silenceOf([silence({ lifeSafety: true })], smoke)?.id).toBe("s");
  });

  it("marks a camera of which it keeps back something", () => {
    const camera = { nodeId: "n", cameraId: "c", gridCode: "110105001" };
    expect(silenceOfCamera([silence()], camera)?.id).toBe("s");
    expect(silenceOfCamera([silence()], { ...camera, gridCode: null })).toBeUndefined();
    const other = silence({ nodeId: "n", cameraId: "d", gridPrefix: null });
    expect(silenceOfCamera([other], camera)).toBeUndefined();
    expect(silenceOfCamera([{ ...other, cameraId: "c" }], camera)?.id).toBe("s");
  });
});
