/** A video file in memory, cut into the access units that a camera would send. */
import { PermanentError } from "../../protocol/index.ts";
import { NAL_TYPE, nalTypeOf, splitAnnexB } from "./annex-b.ts";
import type { PacketListing } from "./packet-listing.ts";

/** RTP's clock for H.264 (RFC 6184 §8.2.1). All media times here count these ticks. */
export const TICKS_PER_SECOND = 90_000;
export const TICKS_PER_MS = TICKS_PER_SECOND / 1000;

export interface AccessUnit {
  /** From the clip's start. */
  readonly offsetTicks: number;
  /** Decodable with nothing before it: an IDR picture, its parameter sets in front. */
  readonly isKey: boolean;
  readonly nalUnits: readonly Buffer[];
}

export interface Clip {
  readonly path: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** From the first unit's start to the last one's end: the length of one loop. */
  readonly durationTicks: number;
  readonly units: readonly AccessUnit[];
  readonly sps: Buffer;
  readonly pps: Buffer;
}

/**
 * Puts the times of `listing` and the pictures of `stream` (Annex B, the same packets end to end)
 * together. Throws SOURCE_UNREADABLE when they do not belong together or there is no SPS or PPS.
 */
export function buildClip(listing: PacketListing, stream: Buffer, path: string): Clip {
  const packets = cutPackets(listing, stream, path);
  const all = packets.flat();
  const sps = all.find((nalUnit) => nalTypeOf(nalUnit) === NAL_TYPE.sps);
  const pps = all.find((nalUnit) => nalTypeOf(nalUnit) === NAL_TYPE.pps);
  if (sps === undefined || pps === undefined) {
    throw new PermanentError("SOURCE_UNREADABLE", "The H.264 stream has no parameter sets", {
      where: path,
      expected: "an SPS and a PPS",
    });
  }
  const offsets = offsetsInTicks(listing);
  const units = packets.map((nalUnits, index) => toUnit(nalUnits, offsets[index] ?? 0, sps, pps));
  return {
    path,
    widthPx: listing.widthPx,
    heightPx: listing.heightPx,
    durationTicks: durationInTicks(listing, offsets),
    units,
    sps,
    pps,
  };
}

/** Why a clip cannot be served as a live loop as it is; undefined when it can. */
export function whyUnservable(clip: Clip, maxKeyIntervalMs: number): string | undefined {
  let lastKeyTicks = 0;
  let lastTicks = -1;
  for (const [index, unit] of clip.units.entries()) {
    if (index === 0 && !unit.isKey) {
      return "its first frame is not a key frame";
    }
    if (unit.offsetTicks <= lastTicks) {
      return "its frame times do not increase";
    }
    lastTicks = unit.offsetTicks;
    lastKeyTicks = unit.isKey ? unit.offsetTicks : lastKeyTicks;
    if (unit.offsetTicks - lastKeyTicks > maxKeyIntervalMs * TICKS_PER_MS) {
      return `its key frames are more than ${String(maxKeyIntervalMs)} ms apart`;
    }
  }
  return clip.units.length === 0 ? "it has no frames" : undefined;
}

function cutPackets(listing: PacketListing, stream: Buffer, path: string): readonly Buffer[][] {
  const total = listing.packets.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (total !== stream.length) {
    throw new PermanentError("SOURCE_UNREADABLE", "The file changed while it was read", {
      where: path,
      expected: `${String(total)} bytes of video`,
      got: `${String(stream.length)} bytes`,
    });
  }
  let position = 0;
  return listing.packets.map(({ sizeBytes }) => {
    const packet = stream.subarray(position, position + sizeBytes);
    position += sizeBytes;
    return [...splitAnnexB(packet)];
  });
}

/** Delimiters and end marks mean nothing in RTP, and an end mark would break the loop's seam. */
const NOT_SENT: ReadonlySet<number> = new Set([
  NAL_TYPE.accessUnitDelimiter,
  NAL_TYPE.endOfSequence,
  NAL_TYPE.endOfStream,
]);

function toUnit(
  packet: readonly Buffer[],
  offsetTicks: number,
  sps: Buffer,
  pps: Buffer,
): AccessUnit {
  const nalUnits = packet.filter((nalUnit) => !NOT_SENT.has(nalTypeOf(nalUnit)));
  const types = new Set(nalUnits.map(nalTypeOf));
  const isKey = types.has(NAL_TYPE.idrSlice);
  const hasOwnSets = types.has(NAL_TYPE.sps) && types.has(NAL_TYPE.pps);
  return {
    offsetTicks,
    isKey,
    nalUnits: isKey && !hasOwnSets ? [sps, pps, ...nalUnits] : nalUnits,
  };
}

function offsetsInTicks({ packets, timeBase }: PacketListing): readonly number[] {
  const first = packets[0]?.dts ?? 0;
  return packets.map(({ dts }) => toTicks(dts - first, timeBase));
}

function toTicks(time: number, { numerator, denominator }: PacketListing["timeBase"]): number {
  return Math.round((time * TICKS_PER_SECOND * numerator) / denominator);
}

/**
 * The last frame lasts as long as the file says, unless that is nothing or out of all proportion
 * (some muxers write a guess): then as long as the usual frame.
 */
function durationInTicks(listing: PacketListing, offsets: readonly number[]): number {
  const gaps = offsets
    .slice(1)
    .map((offset, index) => offset - (offsets[index] ?? 0))
    .sort((a, b) => a - b);
  const usual = gaps[Math.floor(gaps.length / 2)] ?? TICKS_PER_SECOND / 25;
  const stated = toTicks(listing.packets.at(-1)?.duration ?? 0, listing.timeBase);
  const isPlausible = stated > 0 && stated <= 3 * usual;
  return (offsets.at(-1) ?? 0) + Math.max(1, isPlausible ? stated : usual);
}
