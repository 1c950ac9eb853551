import { describe, expect, it } from "vitest";
import { evaluateSequence } from "../../../../bench/track/metrics/index.ts";
import { ByteTrack } from "../../../../bench/track/peers/index.ts";
import { trackSequence } from "../../../../bench/track/run.ts";
import { readSet, setMissing } from "../../../../bench/track/sequence.ts";

const missing = setMissing("mot17");

/**
 * MOTA and IDF1 of the authors' own run as quoted in TrackEval's issue 108, in percent. Their
 * evaluation knows no distractors, and their detections were not rounded.
 */
const PUBLISHED: Readonly<Record<string, readonly [number, number]>> = {
  "MOT17-02": [53.4, 58.2],
  "MOT17-05": [76.7, 76.2],
  "MOT17-09": [83.2, 77.9],
  "MOT17-10": [70.0, 66.8],
};

describe.skipIf(missing !== undefined)(`ByteTrack on MOT17 (${missing ?? "present"})`, () => {
  it("comes within 2 points of its authors' figures", () => {
    for (const sequence of readSet("mot17")) {
      const { truth, result } = trackSequence(
        ({ framesPerSecond }) => new ByteTrack({ sureScore: 0.6, bufferFrames: framesPerSecond }),
        sequence,
      );
      const people = truth.map((frame) => frame.filter(({ role }) => role === "evaluated"));
      const { mota, idf1 } = evaluateSequence(people, result);
      const [publishedMota, publishedIdf1] = PUBLISHED[sequence.name] ?? [NaN, NaN];
      expect(Math.abs(mota * 100 - publishedMota)).toBeLessThan(2);
      expect(Math.abs(idf1 * 100 - publishedIdf1)).toBeLessThan(2);
    }
  });
});

describe("ByteTrack", () => {
  const box = { left: 10, top: 10, width: 20, height: 50 };
  const sure = { label: "person", score: 0.9, box };
  const unsure = { label: "person", score: 0.3, box };
  const shown = (frames: readonly (readonly (typeof sure)[])[]): number[][] => {
    const tracker = new ByteTrack({ sureScore: 0.6, bufferFrames: 3 });
    return frames.map((found, frame) => tracker.update(frame, found).map(({ id }) => id));
  };

  it("shows a track of the first frame at once, and a later one from its second match on", () => {
    expect(shown([[sure]])).toEqual([[1]]);
    expect(shown([[], [sure], [sure]])).toEqual([[], [], [1]]);
  });

  it("keeps a track alive by unsure detections, which never start one", () => {
    expect(shown([[sure], [unsure], [sure]])).toEqual([[1], [1], [1]]);
    expect(shown([[unsure], [unsure]])).toEqual([[], []]);
  });

  it("finds a track again within the buffer, and not after it", () => {
    expect(shown([[sure], [], [], [], [sure]])[4]).toEqual([1]);
    expect(shown([[sure], [], [], [], [], [], [sure], [sure]])[7]).toEqual([2]);
  });
});
