/** Photos as they are kept: JPEG, upright, and without anything but the picture. */
import { createHash } from "node:crypto";
import sharp from "sharp";
import {
  PermanentError,
  REPORT_PHOTO_BYTES,
  type Sha256,
  sha256Schema,
} from "../../protocol/index.ts";

export interface CleanPhoto {
  readonly sha256: Sha256;
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

/** A small file can hold an enormous picture: more than a phone's 50 megapixels is refused. */
const MAX_PIXELS = 64_000_000;
/** Enough to read a sign across the street. */
const LONGEST_SIDE_PX = 2_560;
const QUALITY = 85;

/**
 * Decodes and writes the picture anew, so that neither the place in its EXIF data, nor a preview,
 * nor bytes behind its end remain.
 *
 * @throws PermanentError BODY_TOO_LARGE or EVIDENCE_MISMATCH
 */
export async function cleanPhoto(bytes: Buffer, where: string): Promise<CleanPhoto> {
  if (bytes.length > REPORT_PHOTO_BYTES) {
    throw new PermanentError("BODY_TOO_LARGE", "The photo is too large", {
      where,
      expected: `at most ${REPORT_PHOTO_BYTES} bytes`,
      got: String(bytes.length),
    });
  }
  if (!isJpeg(bytes) && !isPng(bytes)) {
    throw notAPicture(where, `bytes that begin with ${bytes.subarray(0, 4).toString("hex")}`);
  }
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: "error" })
      .rotate()
      .resize({
        width: LONGEST_SIDE_PX,
        height: LONGEST_SIDE_PX,
        fit: "inside",
        withoutEnlargement: true,
      })
      .flatten({ background: "#ffffff" })
      .jpeg({ quality: QUALITY })
      .toBuffer({ resolveWithObject: true });
    const sha256 = sha256Schema.parse(createHash("sha256").update(data).digest("hex"));
    return { sha256, bytes: data, width: info.width, height: info.height };
  } catch (error) {
    throw notAPicture(where, error instanceof Error ? error.message.slice(0, 100) : "an error");
  }
}

function isJpeg(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function isPng(bytes: Buffer): boolean {
  return bytes.subarray(0, 8).toString("latin1") === "\x89PNG\r\n\x1a\n";
}

function notAPicture(where: string, got: string): PermanentError {
  return new PermanentError("EVIDENCE_MISMATCH", "The photo cannot be read", {
    where,
    expected: "a whole JPEG or PNG of at most 64 megapixels",
    got,
  });
}
