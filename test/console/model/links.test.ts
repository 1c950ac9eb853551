import { describe, expect, it } from "vitest";
import { explain } from "../../../brain/correlate/index.ts";
import { linksOf, readLink } from "../../../console/model/index.ts";
import type { TimelineItem } from "../../../protocol/index.ts";

const TO = { key: "k", camera: "gate-2", code: "FIR.SMOKE" };
const MEASURE = {
  ...{ kind: "near", score: 0.83, distanceM: 41.7, gapMs: 20_000 },
  ...{ sameCamera: false, sameGrid: true },
};
const PLAIN = { lateMs: null, silencedBy: null, refused: [] };
const said = (reason: unknown, rest: object = {}): string =>
  explain({ reason, ...PLAIN, ...rest } as Parameters<typeof explain>[0]);

describe("why alarms were joined", () => {
  it("reads every sentence that the brain writes", () => {
    const kinds = [
      said({ kind: "first" }),
      said({ kind: "alarm", alarmId: "a-1" }),
      said({ kind: "entity", entityKey: "plate", to: TO }),
      said({ kind: "storm", camera: "gate-2", limit: 20, minute: 0 }),
      said({ kind: "score", to: TO, measure: MEASURE }),
      said({ kind: "score", to: TO, measure: { ...MEASURE, kind: "travel" } }),
    ].map((link) => readLink(link).map(({ kind }) => kind));
    expect(kinds).toEqual([["first"], ["alarm"], ["entity"], ["storm"], ["near"], ["travel"]]);
  });

  it("takes the figures out of a sentence", () => {
    const [reason] = readLink(said({ kind: "score", to: TO, measure: MEASURE }));
    expect(reason?.facts).toMatchObject({
      ...{ metres: "42", gap: "20 s", code: "FIR.SMOKE", camera: "gate-2", score: "0.83" },
    });
    const here = { ...MEASURE, sameCamera: true, gapMs: 0, sameGrid: false };
    const [same] = readLink(said({ kind: "score", to: TO, measure: here }));
    expect(same?.facts).toMatchObject({ gap: "0", camera: "", grid: "" });
  });

  it("reads what was late and what was refused beside it", () => {
    const refused = [{ incidentId: "i-9", because: "diameter", score: 0.7 }];
    const link = said({ kind: "first" }, { lateMs: 2_400_000, refused });
    expect(readLink(link).map(({ kind }) => kind)).toEqual(["first", "late", "refused"]);
  });

  it("leaves an operator's own words whole", () => {
    const link = said({ kind: "operator", actor: "officer:desk", reason: "same fire; see photo" });
    expect(readLink(link)).toEqual([{ kind: "text", facts: { text: link } }]);
  });

  it("tells an alarm that joined from a case that was merged", () => {
    const item = (kind: TimelineItem["kind"], facts: TimelineItem["facts"]): TimelineItem => ({
      ...{ id: kind, at: "2026-01-01T12:00:00.000Z", actor: "system", kind },
      facts: { link: "first event of its incident", ...facts },
    });
    const kinds = linksOf([
      item("reported", {}),
      { ...item("filed", {}), facts: {} },
      item("merged", { from: "20260101-000002" }),
      item("merged", { into: "c-2", number: "20260101-000003" }),
      item("updated", { into: "c-2", number: "20260101-000003", relatedOnly: true }),
    ]).map(({ kind, other }) => [kind, other]);
    expect(kinds).toEqual([
      ["alarm", null],
      ["took-in", "20260101-000002"],
      ["went-into", "20260101-000003"],
      ["related", "20260101-000003"],
    ]);
  });

  it("tells of a split on both sides, with the operator's words and the way to the other", () => {
    const split = (facts: TimelineItem["facts"]): TimelineItem => ({
      ...{ id: "1", at: "2026-01-01T12:00:00.000Z", actor: "officer:desk", kind: "split" },
      facts: { alarms: 1, reason: "another fight; see note", ...facts },
    });
    const [off] = linksOf([split({ into: "c-2", number: "20260101-000002" })]);
    expect(off).toMatchObject({ kind: "split-off", otherId: "c-2", other: "20260101-000002" });
    expect(off?.reasons).toEqual([{ kind: "text", facts: { text: "another fight; see note" } }]);
    const merged = {
      into: "c-2",
      number: "2",
      link: "officer:desk: same fire",
      reason: "same fire",
    };
    const [went] = linksOf([{ ...split(merged), kind: "merged" }]);
    expect(went?.reasons).toEqual([{ kind: "text", facts: { text: "same fire" } }]);
    const [from] = linksOf([split({ fromId: "c-1", from: "20260101-000001" })]);
    expect(from).toMatchObject({ kind: "split-from", otherId: "c-1", other: "20260101-000001" });
  });
});
