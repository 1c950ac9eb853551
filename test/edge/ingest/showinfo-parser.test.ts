import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHeldMs } from "../../../edge/ingest/held-frame.ts";
import { parseShowinfo } from "../../../edge/ingest/showinfo-parser.ts";

const LINE =
  "[Parsed_showinfo_3 @ 0x560ed097d0c0] [info] n:  12 pts:  12288 pts_time:1.2     pos:   289655 " +
  "fmt:yuv420p sar:0/1 s:400x300 i:P iskey:0 type:P ";

describe("parseShowinfo", () => {
  it("reads position, time and size of a frame", () => {
    expect(parseShowinfo(LINE)).toEqual({ n: 12, ptsS: 1.2, width: 400, height: 300 });
  });

  it("reads a line without level, and a negative time", () => {
    const line = LINE.replace("[info] ", "").replace("pts_time:1.2", "pts_time:-0.04");
    expect(parseShowinfo(line)?.ptsS).toBe(-0.04);
  });

  it("tells a frame without time by an undefined one", () => {
    const line = LINE.replace("pts:  12288", "pts: NOPTS").replace("time:1.2", "time:NOPTS");
    expect(parseShowinfo(line)).toEqual({ n: 12, ptsS: undefined, width: 400, height: 300 });
  });

  it.each([
    "[Parsed_showinfo_3 @ 0x5] [info] config in time_base: 1/10240, frame_rate: 10/1",
    "[Parsed_showinfo_3 @ 0x5] [info] color_range:pc color_space:gbr color_primaries:unknown",
    "[Parsed_showinfo_3 @ 0x5] [info]   side data - User Data Unregistered:",
    `[info]   title : ${LINE}`,
    "",
  ])("ignores the line %j", (line) => {
    expect(parseShowinfo(line)).toBeUndefined();
  });

  it("survives any garbage, whole or mixed into a line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(LINE.length), (garbage, at) => {
        const mixed = LINE.slice(0, at) + garbage + LINE.slice(at);
        for (const line of [garbage, mixed, LINE.slice(0, at)]) {
          const frame = parseShowinfo(line);
          expect(frame === undefined || Number.isInteger(frame.width)).toBe(true);
        }
      }),
      { seed: 3 },
    );
  });
});

describe("parseHeldMs", () => {
  const describeInput = (rates: string): string =>
    `[info]   Stream #0:0: Video: h264 (High), yuv420p(progressive, left), 768x576, ${rates}`;

  it.each([
    ["10 fps, 10 tbr, 90k tbn", 100],
    ["25 tbr, 90k tbn", 40],
    ["90k tbr, 90k tbn", undefined],
  ])("knows from %j how long a picture is held", (rates, heldMs) => {
    expect(parseHeldMs(describeInput(rates))).toBe(heldMs);
  });

  it("knows nothing from the output's line or a codec that is not held", () => {
    expect(parseHeldMs("[info]   Stream #0:0: Video: rawvideo (RGB[24]), 10 fps")).toBeUndefined();
    expect(parseHeldMs("[info]   Stream #0:0: Video: mjpeg, 768x576, 10 fps")).toBeUndefined();
  });
});
