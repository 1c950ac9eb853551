/** A snapshot: the frame that completed an alarm, with the boxes drawn, as JPEG. */
import sharp from "sharp";
import { i420ToRgb } from "./i420.kernel.ts";
import { overlaySvg, type Overlay } from "./overlay.ts";

export interface Picture {
  /** I420: planes Y, U and V without padding, BT.601 in limited range. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface Snapshot {
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
}

const JPEG_QUALITY = 82;

/** Copies a frame out of shared memory, so that its slot can be given back before it is encoded. */
export function copyPicture(frame: {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly width: number;
  readonly height: number;
}): Picture {
  const view = new Uint8Array(frame.buffer, frame.byteOffset, (frame.width * frame.height * 3) / 2);
  return { pixels: Uint8Array.from(view), width: frame.width, height: frame.height };
}

export async function takeSnapshot(picture: Picture, overlay: Overlay): Promise<Snapshot> {
  const { pixels, width, height } = picture;
  const svg = Buffer.from(overlaySvg(overlay, width, height));
  const jpeg = await sharp(i420ToRgb(pixels, width, height), {
    raw: { width, height, channels: 3 },
  })
    .composite([{ input: svg, top: 0, left: 0 }])
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
  return { jpeg, width, height };
}
