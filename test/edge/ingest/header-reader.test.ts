import { describe, expect, it } from "vitest";
import { HeaderReader } from "../../../edge/ingest/header-reader.ts";
import type { FrameHeader } from "../../../edge/ingest/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function line(n: number, size = "640x360"): string {
  return (
    `[Parsed_showinfo_3 @ 0x5] [info] n:${n} pts:${n} pts_time:${n} pos:1 ` +
    `fmt:yuv420p sar:1/1 s:${size} i:P\n`
  );
}

function reader(): {
  readonly write: (text: string) => void;
  readonly headers: FrameHeader[];
  readonly complaints: string[];
} {
  const headers: FrameHeader[] = [];
  const complaints: string[] = [];
  const target = new HeaderReader({
    clock: new FakeClock(),
    isRtsp: false,
    onHeader: (header) => headers.push(header),
    onComplaint: (text) => complaints.push(text),
  });
  return { write: (text) => target.write(Buffer.from(text)), headers, complaints };
}

describe("HeaderReader", () => {
  it("tells headers from complaints", () => {
    const { write, headers, complaints } = reader();
    write(`[error] oh\n${line(0)}[Parsed_showinfo_3 @ 0x5] [info] side data\n${line(1)}`);
    expect(headers).toMatchObject([
      { width: 640, height: 360, ptsS: 0 },
      { width: 640, height: 360, ptsS: 1 },
    ]);
    expect(complaints).toEqual(["[error] oh"]);
  });

  it("refuses a gap, and takes a new count from 0", () => {
    const { write } = reader();
    write(line(0) + line(1) + line(0));
    expect(() => write(line(2))).toThrow("out of step; expected picture 1; got picture 2");
  });

  it.each(["0x0", "0x360", "641x360", "640x361"])("refuses a picture of %s", (size) => {
    expect(() => reader().write(line(0, size))).toThrow(`got ${size}`);
  });

  it("refuses talk without end, and forgives it with every picture", () => {
    const { write } = reader();
    const babble = "x".repeat(700_000);
    let n = 0;
    write(`${babble}\n${line(n++)}`);
    write(`${babble}\n${line(n++)}`);
    write(babble);
    expect(() => write(babble)).toThrow("babbles");
  });
});
