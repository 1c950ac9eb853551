import { describe, expect, it } from "vitest";
import { createSmallPicture, shrinkLuma } from "../../../edge/gate/luma.kernel.ts";

describe("shrinkLuma", () => {
  it.each([
    [2, 2, 160, 2],
    [320, 180, 176, 2],
    [640, 360, 176, 4],
    [768, 576, 176, 4],
    [1920, 1080, 176, 11],
  ])("keeps a plane of %d × %d as it is, only smaller", (width, height, aim, step) => {
    const small = createSmallPicture(width, height, aim);
    expect(small.step).toBe(width < aim ? 1 : step);
    const luma = Uint8Array.from({ length: width * height }, (_, i) => {
      const x = Math.floor((i % width) / small.step);
      const y = Math.floor(i / width / small.step);
      return (x * 3 + y * 5) % 251;
    });
    shrinkLuma(luma, small);
    const expected = Float32Array.from(
      small.pixels,
      (_, i) => ((i % small.width) * 3 + Math.floor(i / small.width) * 5) % 251,
    );
    expect(small.pixels).toEqual(expected);
  });

  it("averages within a block", () => {
    const small = createSmallPicture(4, 2, 2);
    shrinkLuma(Uint8Array.of(0, 100, 8, 8, 100, 200, 8, 16), small);
    expect([...small.pixels]).toEqual([100, 10]);
  });
});
