/** Text of a town's file: UTF-8 with or without a byte order mark, any line ends. */
import type { Report } from "./problems.ts";

/** Largest file that is read; a district's grids fit many times over. */
export const MAX_FILE_BYTES = 100_000_000;

/** @returns the text with `\n` as line end, or undefined after a report. */
export function decodeText(file: string, bytes: Uint8Array, report: Report): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    report({
      where: `${file}:${lineOfBadByte(bytes)}`,
      message: "the file is not UTF-8",
      expected: "UTF-8; in a spreadsheet choose “CSV UTF-8” when saving",
      got: "bytes of another encoding, such as GBK",
    });
    return undefined;
  }
}

/** The first line that cannot be decoded by itself; no line end is part of a longer character. */
function lineOfBadByte(bytes: Uint8Array): number {
  const strict = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    const stop = end < 0 ? bytes.length : end + 1;
    try {
      strict.decode(bytes.subarray(start, stop));
    } catch {
      return line;
    }
    start = stop;
  }
  return line;
}
