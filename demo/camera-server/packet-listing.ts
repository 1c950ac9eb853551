/** Reads what FFmpeg's `framecrc` muxer writes: one line per packet of a stream, with its times. */
import { PermanentError } from "../../protocol/index.ts";

export interface ListedPacket {
  /** Times and duration in the listing's time base. */
  readonly dts: number;
  readonly pts: number;
  readonly duration: number;
  readonly sizeBytes: number;
}

export interface PacketListing {
  readonly codec: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Seconds per unit of time, as a fraction. */
  readonly timeBase: { readonly numerator: number; readonly denominator: number };
  /** In decoding order. */
  readonly packets: readonly ListedPacket[];
}

/** Throws SOURCE_UNREADABLE when the listing has no video packet. `where` is the file's path. */
export function parsePacketListing(text: string, where: string): PacketListing {
  const headers = new Map<string, string>();
  const packets: ListedPacket[] = [];
  for (const line of text.split("\n")) {
    const header = /^#(\w+) 0: (.*)$/.exec(line);
    if (header?.[1] !== undefined && header[2] !== undefined) {
      headers.set(header[1], header[2].trim());
    } else if (/^0,/.test(line)) {
      packets.push(parsePacket(line));
    }
  }
  const timeBase = /^(\d+)\/(\d+)$/.exec(headers.get("tb") ?? "");
  const dimensions = /^(\d+)x(\d+)$/.exec(headers.get("dimensions") ?? "");
  if (packets.length === 0 || timeBase === null || dimensions === null) {
    throw new PermanentError("SOURCE_UNREADABLE", "The file has no readable video", {
      where,
      expected: "a video stream with at least one frame",
      got: `${String(packets.length)} packets`,
    });
  }
  return {
    codec: headers.get("codec_id") ?? "unknown",
    widthPx: Number(dimensions[1]),
    heightPx: Number(dimensions[2]),
    timeBase: { numerator: Number(timeBase[1]), denominator: Number(timeBase[2]) },
    packets,
  };
}

function parsePacket(line: string): ListedPacket {
  const fields = line.split(",").map((field) => Number(field));
  const [, dts = NaN, pts = NaN, duration = 0, sizeBytes = 0] = fields;
  return { dts, pts, duration, sizeBytes };
}

/** True when frames are shown in another order than they are sent, or their times are unknown. */
export function isReordered(listing: PacketListing): boolean {
  const [first] = listing.packets;
  const shift = first === undefined ? 0 : first.pts - first.dts;
  // "No time" is the smallest 64-bit number in a listing; real times are far from it.
  return listing.packets.some(({ pts, dts }) => !Number.isSafeInteger(dts) || pts - dts !== shift);
}
