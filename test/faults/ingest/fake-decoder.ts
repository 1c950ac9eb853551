/** Shell scripts that stand in for FFmpeg and misbehave in one way each. */
import { writeFileSync } from "node:fs";
import path from "node:path";

const WIDTH = 64;
const HEIGHT = 48;

/** Shell: one header as FFmpeg prints it, and one picture's bytes. */
const header = (size = `${WIDTH}x${HEIGHT}`, n = "$n"): string =>
  `echo "[Parsed_showinfo_3 @ 0x5] [info] n:${n} pts:${n} pts_time:${n} pos:1 ` +
  `fmt:yuv420p sar:1/1 s:${size} i:P" >&2`;
const bytes = (count: number): string => `head -c ${count} /dev/zero`;
const PICTURE = bytes((WIDTH * HEIGHT * 3) / 2);

/**
 * Two good pictures and a moment for them, so that the camera is live before the fault: both pipes
 * are read on their own, and a flood on one could overtake a picture on the other.
 */
const GOOD = `for n in 0 1; do ${header()}; ${PICTURE}; done; sleep 0.5`;
const GOOD_FOR_EVER = `n=0; while :; do ${header()}; ${PICTURE}; n=$((n+1)); sleep 0.1; done`;
const HANG = "exec sleep 1000";

export const FAULTS = {
  "babbles on stderr": `${GOOD}; exec cat /dev/zero >&2`,
  "babbles lines on stderr": `${GOOD}; exec yes "[error] no idea what this is" >&2`,
  "sends bytes without headers": `${GOOD}; exec cat /dev/zero`,
  "announces pictures and sends none": `${GOOD}; n=2; while [ $n -lt 1000 ]; do ${header()}; n=$((n+1)); done; ${HANG}`,
  "announces one picture and sends half of it": `${GOOD}; n=2; ${header()}; ${bytes(99)}; ${HANG}`,
  "sends an empty picture": `${GOOD}; n=2; ${header("0x0")}; n=3; ${header()}; ${PICTURE}; ${HANG}`,
  "sends a giant picture": `${GOOD}; n=2; ${header("60000x60000")}; ${bytes(1_000_000)}; ${HANG}`,
  "skips a picture": `${GOOD}; n=5; ${header()}; ${PICTURE}; ${HANG}`,
  "ends without a word": GOOD,
  hangs: `${GOOD}; ${HANG}`,
  "hangs and ignores SIGTERM": `trap "" TERM; ${GOOD}; while :; do sleep 1; done`,
} as const;

/**
 * Writes a decoder that has one fault in its first life and is well ever after.
 * @returns its path.
 */
export function fakeDecoder(folder: string, fault: string): string {
  const file = path.join(folder, "decoder.sh");
  const script = [
    "#!/bin/sh",
    `if mkdir '${path.join(folder, "broken-once")}' 2>/dev/null; then`,
    fault,
    "else",
    GOOD_FOR_EVER,
    "fi",
  ];
  writeFileSync(file, `${script.join("\n")}\n`, { mode: 0o755 });
  return file;
}
