import { describe, expect, it } from "vitest";
import { splitAnnexB } from "../../../demo/camera-server/annex-b.ts";
import { buildClip, whyUnservable } from "../../../demo/camera-server/clip.ts";
import { isReordered, parsePacketListing } from "../../../demo/camera-server/packet-listing.ts";

const HEAD = "#tb 0: 1/10\n#media_type 0: video\n#codec_id 0: h264\n#dimensions 0: 64x48\n";

const KEY = Buffer.from("00000001" + "09f0" + "00000001" + "6742c01e" + "00000001" + "68ce", "hex");
const IDR = Buffer.concat([KEY, Buffer.from("000001" + "6588", "hex")]);
const PLAIN_IDR = Buffer.from("000001" + "6589", "hex");
const SLICE = Buffer.from("00000001" + "419a" + "0000", "hex");

function listing(rows: readonly (readonly [number, number, number, Buffer])[]): string {
  const lines = rows.map(
    ([dts, pts, duration, packet]) =>
      `0, ${String(dts)}, ${String(pts)}, ${String(duration)}, ${String(packet.length)}, 0x0`,
  );
  return `${HEAD}${lines.join("\n")}\n`;
}

function clipOf(rows: readonly (readonly [number, number, number, Buffer])[]) {
  const stream = Buffer.concat(rows.map(([, , , packet]) => packet));
  return buildClip(parsePacketListing(listing(rows), "a.mp4"), stream, "a.mp4");
}

describe("splitAnnexB", () => {
  it("splits at start codes of three and four bytes, without zeros around them", () => {
    const nalUnits = splitAnnexB(Buffer.concat([SLICE, IDR]));
    expect(nalUnits.map((nalUnit) => nalUnit.toString("hex"))).toEqual([
      "419a",
      "09f0",
      "6742c01e",
      "68ce",
      "6588",
    ]);
  });

  it("finds nothing in bytes without a start code", () => {
    expect(splitAnnexB(Buffer.from([1, 2, 3]))).toEqual([]);
  });
});

describe("parsePacketListing", () => {
  it("reads codec, size and times", () => {
    const read = parsePacketListing(listing([[0, 0, 1, IDR]]), "a.mp4");
    expect(read).toMatchObject({ codec: "h264", widthPx: 64, heightPx: 48 });
    expect(read.packets).toEqual([{ dts: 0, pts: 0, duration: 1, sizeBytes: IDR.length }]);
  });

  it("refuses a listing without packets, naming the file", () => {
    expect(() => parsePacketListing(HEAD, "a.mp4")).toThrow(/a\.mp4/);
  });

  it("sees frames in another order than they are sent, and no constant delay", () => {
    const delayed = [0, 1, 2].map((at) => [at, at + 2, 1, SLICE] as const);
    expect(isReordered(parsePacketListing(listing(delayed), "a"))).toBe(false);
    const swapped = [[0, 0, 1, SLICE] as const, [1, 3, 1, SLICE] as const];
    expect(isReordered(parsePacketListing(listing(swapped), "a"))).toBe(true);
  });
});

describe("buildClip", () => {
  it("gives access units from zero, in 90 kHz ticks, without delimiters", () => {
    const clip = clipOf([
      [5, 5, 1, IDR],
      [6, 6, 1, SLICE],
    ]);
    expect(clip.units.map(({ offsetTicks }) => offsetTicks)).toEqual([0, 9_000]);
    expect(clip.durationTicks).toBe(18_000);
    const types = clip.units[0]?.nalUnits.map((nalUnit) => nalUnit.readUInt8(0) & 0x1f);
    expect(types).toEqual([7, 8, 5]);
  });

  it("puts the parameter sets before a key frame that has none", () => {
    const clip = clipOf([
      [0, 0, 1, IDR],
      [1, 1, 1, PLAIN_IDR],
    ]);
    expect(clip.units[1]?.nalUnits.slice(0, 2)).toEqual([clip.sps, clip.pps]);
  });

  it("takes the usual frame's length where the last one's is a guess", () => {
    const rows = [0, 1, 2].map(
      (at) => [at, at, at === 2 ? 90 : 1, at === 0 ? IDR : SLICE] as const,
    );
    expect(clipOf(rows).durationTicks).toBe(27_000);
  });

  it("refuses pictures that are not the listed ones", () => {
    const read = parsePacketListing(listing([[0, 0, 1, IDR]]), "a.mp4");
    expect(() => buildClip(read, SLICE, "a.mp4")).toThrow(/changed while it was read/);
  });
});

describe("whyUnservable", () => {
  it.each([
    ["nothing for a key frame a second", [0, 10], [0, 5, 10, 15], undefined],
    ["a first frame that is no key frame", [5], [0, 5], /first frame/],
    ["key frames that are far apart", [0], [0, 10, 20], /1000 ms apart/],
    ["times that stand still", [0], [0, 5, 5], /do not increase/],
  ])("says %s", (_name, keys, times, expected) => {
    const prefixed = times.map((at) => [at, at, 1, keys.includes(at) ? IDR : SLICE] as const);
    const sets = keys.includes(0) ? [] : [[-1, -1, 1, KEY] as const];
    const why = whyUnservable(clipOf([...sets, ...prefixed]), 1_000);
    if (expected === undefined) {
      expect(why).toBeUndefined();
    } else {
      expect(why).toMatch(expected);
    }
  });
});
