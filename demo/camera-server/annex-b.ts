/** Splits an H.264 byte stream with start codes (ITU-T H.264 Annex B) into its NAL units. */

export const NAL_TYPE = {
  slice: 1,
  idrSlice: 5,
  sps: 7,
  pps: 8,
  accessUnitDelimiter: 9,
  endOfSequence: 10,
  endOfStream: 11,
} as const;

export function nalTypeOf(nalUnit: Buffer): number {
  return (nalUnit[0] ?? 0) & 0x1f;
}

const START_CODE = Buffer.from([0, 0, 1]);

/** The NAL units without start codes and without the zero bytes around them; views, not copies. */
export function splitAnnexB(stream: Buffer): readonly Buffer[] {
  const nalUnits: Buffer[] = [];
  let start = stream.indexOf(START_CODE);
  while (start >= 0) {
    const begin = start + START_CODE.length;
    const next = stream.indexOf(START_CODE, begin);
    const nalUnit = withoutTrailingZeros(stream.subarray(begin, next < 0 ? stream.length : next));
    if (nalUnit.length > 0) {
      nalUnits.push(nalUnit);
    }
    start = next;
  }
  return nalUnits;
}

/** A NAL unit never ends in a zero byte, so zeros there belong to the next start code. */
function withoutTrailingZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) {
    end -= 1;
  }
  return bytes.subarray(0, end);
}
