import { afterEach, describe, expect, it } from "vitest";
import { NodeMetrics } from "../../../edge/health/index.ts";

const open: NodeMetrics[] = [];
afterEach(() => {
  open.splice(0).forEach((metrics) => {
    metrics.close();
  });
});

function create(): NodeMetrics {
  const metrics = new NodeMetrics(() => ({
    cameras: [],
    outboxDepth: 0,
    skewMs: undefined,
    counts: [],
    plans: [],
  }));
  open.push(metrics);
  return metrics;
}

async function samples(metrics: NodeMetrics, name: string): Promise<string[]> {
  const text = await metrics.registry.metrics();
  return text.split("\n").filter((line) => line.startsWith(name));
}

describe("NodeMetrics", () => {
  it("counts looks and verdicts by camera and kind", async () => {
    const metrics = create();
    metrics.countLook("cam", "full");
    metrics.countLook("cam", "regions");
    metrics.countLook("cam", "regions");
    metrics.countVerdict("cam", "still");
    expect(await samples(metrics, "sesb_edge_looks_total")).toEqual([
      'sesb_edge_looks_total{camera="cam",kind="full"} 1',
      'sesb_edge_looks_total{camera="cam",kind="regions"} 2',
    ]);
    expect(await samples(metrics, "sesb_edge_gate_total")).toEqual([
      'sesb_edge_gate_total{camera="cam",verdict="still"} 1',
    ]);
  });

  it("keeps the age of the oldest frame that was served", async () => {
    const metrics = create();
    metrics.noteServedAge(120);
    metrics.noteServedAge(480);
    metrics.noteServedAge(90);
    expect(await samples(metrics, "sesb_edge_frame_age_max_seconds")).toEqual([
      "sesb_edge_frame_age_max_seconds 0.48",
    ]);
  });

  it("tells a frame's age on either side of half a second", async () => {
    const metrics = create();
    metrics.observe("age", 460);
    metrics.observe("age", 501);
    const counts = await samples(metrics, "sesb_edge_stage_seconds_bucket");
    expect(counts).toContain('sesb_edge_stage_seconds_bucket{le="0.45",stage="age"} 0');
    expect(counts).toContain('sesb_edge_stage_seconds_bucket{le="0.5",stage="age"} 1');
    expect(counts).toContain('sesb_edge_stage_seconds_bucket{le="0.75",stage="age"} 2');
  });

  it("shows a camera as blind until it sees again", async () => {
    const metrics = create();
    metrics.setBlind("cam", true);
    expect(await samples(metrics, "sesb_edge_blind")).toEqual(['sesb_edge_blind{camera="cam"} 1']);
    metrics.setBlind("cam", false);
    expect(await samples(metrics, "sesb_edge_blind")).toEqual(['sesb_edge_blind{camera="cam"} 0']);
  });

  it("describes one model: the one that was described last", async () => {
    const metrics = create();
    const info = { model: "m", version: "1", provider: "cpu", asked: "cuda", workers: 2 };
    metrics.describeModel({ ...info, threads: 2 });
    metrics.describeModel({ ...info, threads: 1 });
    const labels = 'model="m",version="1",provider="cpu",asked="cuda",workers="2",threads="1"';
    expect(await samples(metrics, "sesb_edge_model_info")).toEqual([
      `sesb_edge_model_info{${labels}} 1`,
    ]);
  });

  it("tells a stall of the event loop once per scrape, and remembers it since start", async () => {
    const metrics = create();
    await new Promise((resolve) => setTimeout(resolve, 30)); // The monitor's first look.
    const end = performance.now() + 60;
    while (performance.now() < end) {
      // The stall.
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    const longestS = async (window: string): Promise<number> => {
      const name = `sesb_edge_event_loop_delay_seconds{window="${window}",quantile="max"}`;
      return Number((await samples(metrics, name))[0]?.split(" ")[1]);
    };
    expect(await longestS("scrape")).toBeGreaterThan(0.03);
    expect(await longestS("scrape")).toBe(0); // The loop has not turned meanwhile.
    expect(await longestS("start")).toBeGreaterThan(0.03);
  });
});
