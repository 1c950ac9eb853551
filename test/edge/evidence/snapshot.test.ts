import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { copyPicture, takeSnapshot } from "../../../edge/evidence/index.ts";

const WIDTH = 320;
const HEIGHT = 240;
/** Of Y, U and V alike: grey is 130 in RGB. */
const GREY = 128;

function greyFrame(): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer((WIDTH * HEIGHT * 3) / 2 + 16);
  new Uint8Array(buffer).fill(GREY);
  return buffer;
}

async function pixelAt(jpeg: Buffer, x: number, y: number): Promise<readonly number[]> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + 3)];
}

describe("snapshot", () => {
  it("draws the subject's box in red where it is, and leaves the rest alone", async () => {
    const picture = copyPicture({
      buffer: greyFrame(),
      byteOffset: 16,
      width: WIDTH,
      height: HEIGHT,
    });
    const { jpeg, width, height } = await takeSnapshot(picture, {
      subject: { left: 0.25, top: 0.25, width: 0.5, height: 0.5 },
      others: [],
      shape: {
        kind: "line",
        points: [
          [0, 0.9],
          [1, 0.9],
        ],
      },
    });
    expect([width, height]).toEqual([WIDTH, HEIGHT]);
    const [red, green, blue] = await pixelAt(jpeg, WIDTH / 4, HEIGHT / 2);
    expect(red).toBeGreaterThan(165);
    expect(Math.max(green as number, blue as number)).toBeLessThan(110);
    for (const channel of await pixelAt(jpeg, WIDTH / 2, HEIGHT / 2)) {
      expect(Math.abs(channel - 130)).toBeLessThan(6);
    }
  });

  it("does not change when the frame's slot is overwritten afterwards", () => {
    const buffer = greyFrame();
    const picture = copyPicture({ buffer, byteOffset: 0, width: WIDTH, height: HEIGHT });
    new Uint8Array(buffer).fill(0);
    expect(picture.pixels.every((value) => value === GREY)).toBe(true);
  });
});
