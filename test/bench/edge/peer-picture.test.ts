import { describe, expect, it } from "vitest";
import { createToPlanes } from "../../../bench/edge/peer-picture.ts";

describe("picture preparation in JavaScript", () => {
  it("keeps a picture of the target's size, in planes of blue, green and red", () => {
    const target = { width: 2, height: 1, mean: [1, 2, 3], std: [1, 2, 1] };
    const planes = new Float32Array(6);
    createToPlanes({ width: 2, height: 1 }, target)(Uint8Array.of(3, 4, 5, 13, 14, 15), planes);
    expect([...planes]).toEqual([4, 14, 1, 6, 0, 10]);
  });

  it("fills what the picture does not cover with black", () => {
    const target = { width: 2, height: 2, mean: [0, 0, 10], std: [1, 1, 5] };
    const planes = new Float32Array(12);
    createToPlanes({ width: 4, height: 2 }, target)(new Uint8Array(24).fill(20), planes);
    expect([...planes]).toEqual([20, 20, 0, 0, 20, 20, 0, 0, 2, 2, -2, -2]);
  });
});
