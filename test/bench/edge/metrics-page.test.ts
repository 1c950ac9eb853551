import { describe, expect, it } from "vitest";
import { Metrics } from "../../../bench/edge/metrics-page.ts";

const PAGE = `# HELP frames Frames
# TYPE frames gauge
frames{camera="a",outcome="captured"} 12
frames{camera="a",outcome="analysed"} 7
frames{camera="b",outcome="captured"} 3
age 0.25
`;

describe("a page of metrics", () => {
  it("adds up the samples whose labels agree", () => {
    const metrics = new Metrics(PAGE);
    expect(metrics.sum("frames", { outcome: "captured" })).toBe(15);
    expect(metrics.sum("frames", { camera: "a", outcome: "analysed" })).toBe(7);
    expect(metrics.sum("age")).toBe(0.25);
    expect(metrics.sum("frames", { camera: "c" })).toBe(0);
  });

  it("names the cameras once", () => {
    expect(new Metrics(PAGE).labels("frames", "camera")).toEqual(["a", "b"]);
  });
});
