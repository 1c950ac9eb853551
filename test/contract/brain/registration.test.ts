/** Events of cameras that the town's register does not let speak. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO_TOWN } from "../../brain/directory/town/town-sample.ts";
import { type BrainBench, getCases, getJson, sendEvents, startBench } from "./brain-bench.ts";
import { sampleEvent } from "./sample-event.ts";

let town: string;
let bench: BrainBench;

/** The demonstration town with the bench's cameras: cam-1 is not active, cam-2 has its purposes. */
beforeAll(async () => {
  town = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-town-"));
  for (const name of await readdir(DEMO_TOWN)) {
    const text = await readFile(path.join(DEMO_TOWN, name), "utf8");
    const ours = text
      .replaceAll("demo-node", "node-1")
      .replaceAll("demo-park", "cam-1")
      .replaceAll("demo-arcade", "cam-2");
    await writeFile(path.join(town, name), ours);
  }
  bench = await startBench({ endpoints: [], config: { town } });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await rm(town, { recursive: true, force: true });
});

interface Quarantine {
  readonly items: readonly {
    readonly eventId: string;
    readonly problem: { readonly code: string };
  }[];
}

describe("the town's register", () => {
  it("sets aside what a camera may not tell, says so to the node, and lets its neighbours by", async () => {
    const inactive = sampleEvent({ cameraId: "cam-1" });
    const allowed = sampleEvent({ cameraId: "cam-2", code: "SEC.LOITER" });
    const other = sampleEvent({ cameraId: "cam-2", code: "UM.GARBAGE" });
    const device = sampleEvent({ cameraId: "cam-2", code: "DEV.LOST" });
    const { results } = await sendEvents(bench, [inactive, allowed, other, device]);
    expect(results.map(({ outcome, problem }) => problem?.code ?? outcome)).toEqual([
      "CAMERA_INACTIVE",
      "accepted",
      "CAMERA_INACTIVE",
      "accepted",
    ]);
    expect(results[2]?.problem).toMatchObject({ where: "events[2].type", got: "UM.GARBAGE" });
    const { items } = await getJson<Quarantine>(bench, "/v1/quarantine");
    expect(items.map(({ eventId, problem }) => [eventId, problem.code])).toEqual([
      [other.id, "CAMERA_INACTIVE"],
      [inactive.id, "CAMERA_INACTIVE"],
    ]);
    const metrics = await (await fetch(`${bench.url}/metrics`)).text();
    expect(metrics).toContain(
      'sesb_intake_events_total{outcome="rejected",code="CAMERA_INACTIVE"} 2',
    );
    const { filings } = await getJson<{ filings: { overdue: boolean }[] }>(bench, "/v1/queue");
    const overdue = filings.filter((one) => one.overdue).length;
    expect(metrics).toContain(`sesb_camera_filings{state="overdue"} ${overdue}`);
    expect(metrics).toContain(`sesb_camera_filings{state="due"} ${filings.length - overdue}`);
    const { items: cases } = await getCases(bench);
    expect(cases.every(({ eventType }) => eventType !== "UM.GARBAGE")).toBe(true);
  });
});
