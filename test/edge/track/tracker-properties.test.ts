/** What holds for every input. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Tracker, type TrackedDetection } from "../../../edge/track/index.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const detection = fc.record({
  label: fc.constantFrom("person", "car"),
  score: fc.oneof(finite, fc.double({ min: 0, max: 1, noNaN: true })),
  box: fc.record({
    left: fc.oneof(finite, fc.double({ min: 0, max: 700, noNaN: true })),
    top: fc.oneof(finite, fc.double({ min: 0, max: 500, noNaN: true })),
    width: fc.oneof(finite, fc.double({ min: 1, max: 100, noNaN: true })),
    height: fc.oneof(finite, fc.double({ min: 1, max: 200, noNaN: true })),
  }),
});
const frame = fc.record({
  at: fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.integer()),
  detections: fc.array(detection, { maxLength: 8 }),
  holds: fc.boolean(),
});
const frames = fc.array(frame, { maxLength: 12 });

const likely: fc.Arbitrary<TrackedDetection> = fc.record({
  label: fc.constantFrom("person", "car"),
  score: fc.double({ min: 0.1, max: 1, noNaN: true }),
  box: fc.record({
    left: fc.double({ min: 0, max: 300, noNaN: true }),
    top: fc.double({ min: 0, max: 200, noNaN: true }),
    width: fc.double({ min: 20, max: 60, noNaN: true }),
    height: fc.double({ min: 60, max: 150, noNaN: true }),
  }),
});
const footage = fc.array(fc.array(likely, { maxLength: 6 }), { maxLength: 25 });

describe("Tracker, whatever comes", () => {
  it("never throws on finite numbers, nor tells a box that is none", () => {
    fc.assert(
      fc.property(frames, (input) => {
        const tracker = new Tracker();
        for (const { at, detections, holds } of input) {
          for (const { box } of tracker.update(at, detections, () => holds)) {
            expect(Object.values(box).every(Number.isFinite)).toBe(true);
            expect(box.width).toBeGreaterThan(0);
            expect(box.height).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("never gives an id twice, nor one that it gave before", () => {
    fc.assert(
      fc.property(footage, (input) => {
        const tracker = new Tracker();
        const gone = new Set<number>();
        let before: readonly number[] = [];
        for (const [index, detections] of input.entries()) {
          const ids = tracker.update(index * 200, detections).map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          before.filter((id) => !ids.includes(id)).forEach((id) => gone.add(id));
          expect(ids.filter((id) => gone.has(id))).toEqual([]);
          before = ids;
        }
      }),
    );
  });

  it("says to have seen in a frame no more than there was to see, and of the same class", () => {
    fc.assert(
      fc.property(footage, (input) => {
        const tracker = new Tracker();
        for (const [index, detections] of input.entries()) {
          const at = index * 200;
          const seen = tracker.update(at, detections).filter(({ lastSeen }) => lastSeen === at);
          for (const label of ["person", "car"]) {
            const shown = detections.filter((one) => one.label === label);
            expect(seen.filter((one) => one.label === label).length).toBeLessThanOrEqual(
              shown.length,
            );
            const scores = shown.map(({ score }) => score);
            seen
              .filter((one) => one.label === label)
              .forEach(({ score }) => expect(scores).toContain(score));
          }
        }
      }),
    );
  });

  it("follows a scene that is shifted, scaled or mirrored the same way", () => {
    const views = [
      (box: TrackedDetection["box"]) => ({ ...box, left: box.left + 512, top: box.top + 64 }),
      (box: TrackedDetection["box"]) => ({
        left: box.left * 2,
        top: box.top * 2,
        width: box.width * 2,
        height: box.height * 2,
      }),
      (box: TrackedDetection["box"]) => ({ ...box, left: -box.left - box.width }),
    ];
    fc.assert(
      fc.property(footage, (input) => {
        const told = [undefined, ...views].map((view) => {
          const tracker = new Tracker();
          return input.map((detections, index) =>
            tracker
              .update(
                index * 200,
                detections.map((one) => ({ ...one, box: view?.(one.box) ?? one.box })),
              )
              .map(({ id, state, hits }) => `${String(id)} ${state} ${String(hits)}`),
          );
        });
        expect(told[1]).toEqual(told[0]);
        expect(told[2]).toEqual(told[0]);
        expect(told[3]).toEqual(told[0]);
      }),
    );
  });
});
