/** Clips without pictures: access units whose bytes say which they are. */
import type { Clip } from "../../../demo/camera-server/clip.ts";

export interface ClipFixture {
  readonly name?: string;
  readonly frames: number;
  readonly frameTicks: number;
  readonly keyEvery: number;
}

export function makeClip({ name = "clip", frames, frameTicks, keyEvery }: ClipFixture): Clip {
  const sps = Buffer.from([0x67, 0x42, 0xc0, 0x1e, 0xab]);
  const pps = Buffer.from([0x68, 0xce, 0x3c, 0x80]);
  const units = Array.from({ length: frames }, (_, index) => {
    const isKey = index % keyEvery === 0;
    const slice = Buffer.from([isKey ? 0x65 : 0x41, 0x80, index]);
    return {
      offsetTicks: index * frameTicks,
      isKey,
      nalUnits: isKey ? [sps, pps, slice] : [slice],
    };
  });
  return {
    path: `${name}.mp4`,
    widthPx: 64,
    heightPx: 48,
    durationTicks: frames * frameTicks,
    units,
    sps,
    pps,
  };
}
