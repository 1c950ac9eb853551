import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FrameHeader } from "../../../edge/ingest/index.ts";
import { frameBytes } from "../../../edge/ingest/frame.ts";
import { FrameAssembler } from "../../../edge/ingest/frame-assembler.ts";
import { RecordingSink } from "./recording-sink.ts";

function header(index: number, width: number, height: number): FrameHeader {
  return { width, height, ptsS: index, arrivalMs: index };
}

function picture(index: number, { width, height }: FrameHeader): Uint8Array {
  return new Uint8Array(frameBytes(width, height)).map((_, at) => (index * 31 + at) % 251);
}

describe("FrameAssembler", () => {
  it("rebuilds every picture from any split of the bytes and any lead of the headers", () => {
    const side = fc.integer({ min: 1, max: 5 }).map((half) => half * 2);
    const sizes = fc.array(fc.tuple(side, side), { minLength: 1, maxLength: 8 });
    const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 200 }));
    const leads = fc.infiniteStream(fc.boolean());
    fc.assert(
      fc.property(sizes, cuts, leads, (sizes, cuts, leads) => {
        const headers = sizes.map(([width, height], index) => header(index, width, height));
        const pictures = headers.map((entry, index) => picture(index, entry));
        const bytes = Buffer.concat(pictures);
        const sink = new RecordingSink();
        const assembler = new FrameAssembler(sink);
        const waiting = [...headers];
        let isOpen = true;
        for (let at = 0; at < bytes.length; ) {
          while (waiting.length > 0 && (!isOpen || leads.next().value === true)) {
            isOpen = assembler.header(waiting.shift() as FrameHeader);
          }
          if (isOpen) {
            const length = cuts.next().value as number;
            isOpen = assembler.write(bytes.subarray(at, at + length));
            at += length;
          }
        }
        waiting.forEach((entry) => assembler.header(entry));
        expect(sink.frames.map((frame) => frame.header)).toEqual(headers);
        expect(sink.frames.map(({ pixels }) => [...pixels])).toEqual(
          pictures.map((pixels) => [...pixels]),
        );
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it("skips the bytes of a refused picture and keeps the next one whole", () => {
    const sink = new RecordingSink([0]);
    const assembler = new FrameAssembler(sink);
    const headers = [header(0, 2, 2), header(1, 4, 2)];
    headers.forEach((entry) => assembler.header(entry));
    assembler.write(Buffer.concat(headers.map((entry, index) => picture(index, entry))));
    expect(sink.frames.map(({ header: { ptsS } }) => ptsS)).toEqual([1]);
    expect([...(sink.frames[0]?.pixels ?? [])]).toEqual([...picture(1, header(1, 4, 2))]);
  });

  it("asks the writer to pause until a header has come", () => {
    const sink = new RecordingSink();
    const assembler = new FrameAssembler(sink);
    expect(assembler.write(new Uint8Array(6))).toBe(false);
    expect(() => assembler.write(new Uint8Array(1))).toThrow("before the header");
    expect(assembler.header(header(0, 2, 2))).toBe(true);
    expect(sink.frames).toHaveLength(1);
  });

  it("forgets a picture that broke off", () => {
    const sink = new RecordingSink();
    const assembler = new FrameAssembler(sink);
    assembler.header(header(0, 2, 2));
    assembler.write(new Uint8Array(5));
    assembler.end();
    expect(sink.abandoned).toBe(1);
    expect(sink.frames).toHaveLength(0);
  });

  it("fails when headers pile up without bytes", () => {
    const assembler = new FrameAssembler(new RecordingSink());
    expect(() => {
      for (let index = 0; index < 1000; index++) {
        assembler.header(header(index, 2, 2));
      }
    }).toThrow("announces pictures it never sends");
  });
});
