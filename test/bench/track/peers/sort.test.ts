import path from "node:path";
import { describe, expect, it } from "vitest";
import { Sort } from "../../../../bench/track/peers/index.ts";
import { runTracker } from "../../../../bench/track/run.ts";
import { DATA, readSequence, setMissing } from "../../../../bench/track/sequence.ts";

const missing = setMissing("mot15");

/** `README.md` of SORT: false positives, false negatives, identity switches, MOTA and MOTP. */
const PUBLISHED = {
  "TUD-Campus": [15, 113, 6, "62.7", "73.7"],
  "ETH-Sunnyday": [319, 418, 22, "59.1", "74.4"],
  "ADL-Rundle-8": [959, 3781, 103, "28.6", "71.1"],
} as const;

describe.skipIf(missing !== undefined)(`SORT on MOT15 (${missing ?? "present"})`, () => {
  it.each(Object.entries(PUBLISHED))("gives its authors' row of %s", (name, row) => {
    const scores = runTracker(
      () => new Sort(),
      readSequence(path.join(DATA, "mot15", name), "mot15"),
    );
    const { falsePositives, falseNegatives, idSwitches, mota, motp } = scores;
    const shares = [mota, motp].map((share) => (share * 100).toFixed(1));
    expect([falsePositives, falseNegatives, idSwitches, ...shares]).toEqual(row);
  });
});

describe("SORT", () => {
  const box = { left: 10, top: 10, width: 20, height: 50 };
  const person = { label: "person", score: 1, box };

  it("shows a track at once in its first three frames", () => {
    expect(new Sort().update(0, [person])).toEqual([{ id: 1, box }]);
  });

  it("shows a later track from its third match on", () => {
    const sort = new Sort();
    for (let frame = 0; frame < 3; frame++) {
      sort.update(frame, []);
    }
    const shown = [3, 4, 5, 6].map((frame) => sort.update(frame, [person]).length);
    expect(shown).toEqual([0, 0, 0, 1]);
  });

  it("gives a new identity after two frames unseen", () => {
    const sort = new Sort();
    const ids = [[person], [], [person], [], [], [person], [person], [person], [person]].map(
      (found, frame) => sort.update(frame, found).map(({ id }) => id),
    );
    expect(ids).toEqual([[1], [], [1], [], [], [], [], [], [2]]);
  });
});
