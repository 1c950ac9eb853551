import { describe, expect, it } from "vitest";
import {
  commandOf,
  fieldsOf,
  initialValues,
  missingField,
  partyWord,
  whistleCommandOf,
  type ActionKind,
  type Field,
  type FormContext,
  type FormValue,
} from "../../../console/model/index.ts";
import {
  caseCommandSchema,
  catalogue,
  whistleCommandSchema,
  type DepartmentCode,
  type WhistleCommandKind,
} from "../../../protocol/index.ts";
import { scriptCase } from "../../support/fake-brain/index.ts";

const NOW_MS = Date.parse("2026-01-01T12:00:00.000Z");
const CASE = scriptCase(1, NOW_MS, { eventType: "FIR.SMOKE" });
const CONTEXT: FormContext = { summary: CASE, catalogue, nowMs: NOW_MS, language: "zh" };
const GA = "GA" as DepartmentCode;

const fields = (kind: ActionKind, filesFirst = false): readonly Field[] =>
  fieldsOf({ kind, filesFirst });

/** What an operator would fill in. */
const FILLED = {
  ...{ code: "false-alarm", reason: "雨", note: "", satisfaction: "4" },
} as const;

describe("the forms of actions", () => {
  const kinds: readonly ActionKind[] = [
    ...["verify", "reject", "file", "dispatch", "rule", "accept", "return"],
    ...["start", "contain", "suspend", "approve-suspension", "refuse-suspension"],
    ...["resume", "check", "pass", "fail", "close", "evaluate", "reopen", "cancel"],
    ...["escalate", "supervise"],
  ] as ActionKind[];
  it.each(kinds)("make a command of %s that the protocol accepts", (kind) => {
    const own = fields(kind);
    const names = own.map(({ name }) => name);
    const filled = Object.entries(FILLED).filter(([name]) => names.includes(name));
    const values = { ...initialValues(own, CONTEXT), ...Object.fromEntries(filled) };
    expect(missingField(own, values)).toBeNull();
    expect(caseCommandSchema.safeParse(commandOf(kind, own, values)).error).toBeUndefined();
  });

  it("propose whom the town's routing puts beside the lead, else whom the catalogue does", () => {
    const co = fields("dispatch");
    const { lead } = CASE;
    expect(initialValues(co, { ...CONTEXT, routedCo: ["SC", lead] })["co"]).toEqual(["SC"]);
    expect(initialValues(co, { ...CONTEXT, routedCo: [] })["co"]).toEqual([]);
    const type = catalogue.eventTypes.find(({ code }) => code === CASE.eventType);
    expect(initialValues(co, CONTEXT)["co"]).toEqual(type?.co.filter((code) => code !== lead));
  });

  it("want a photo or words of what was done, and no photo half sent", () => {
    const own = fields("handle");
    const hash = "a".repeat(64);
    expect(missingField(own, { evidence: [], note: " " })).toBe("evidence");
    expect(missingField(own, { evidence: [], note: "已清理" })).toBeNull();
    expect(missingField(own, { evidence: [hash], note: "" })).toBeNull();
    expect(missingField(own, { evidence: [hash, ""], note: "已清理" })).toBe("evidence");
    expect(missingField(fields("pass"), { evidence: [""], note: "" })).toBe("evidence");
    expect(missingField(fields("pass"), { evidence: [], note: "" })).toBeNull();
    const command = commandOf("handle", own, { evidence: [hash], note: " 已清理 " });
    expect(caseCommandSchema.parse(command)).toEqual({
      ...{ kind: "handle", evidence: [hash], note: "已清理" },
    });
  });

  it("propose the catalogue's departments and standard, so that one key sends them", () => {
    const own = fields("dispatch", true);
    const values = initialValues(own, CONTEXT);
    expect(values).toMatchObject({ lead: "XF", co: ["YJ", "GA", "YL"], means: "system" });
    expect(values["standard"]).toMatch(/^GB\/T 30428\.2 /);
    expect(missingField(own, values)).toBeNull();
  });

  it("call parties as required or optional, one of them required at least", () => {
    const own = fields("whistle");
    const values = initialValues(own, CONTEXT);
    expect(missingField(own, values)).toBeNull();
    const optional = { ...values, parties: [partyWord("GA", false)] };
    expect(missingField(own, optional)).toBe("parties");
    expect(commandOf("whistle", own, optional)).toMatchObject({
      ...{ kind: "emergency", radiusM: 300 },
      parties: [{ department: "GA", required: false }],
    });
  });

  it("want some alarms before a split, and words before a note", () => {
    const split = fields("split");
    expect(missingField(split, { alarms: [], reason: "two" })).toBe("alarms");
    expect(missingField(split, { alarms: ["alarm:n:1"], reason: "two" })).toBeNull();
    const note = fields("note");
    expect(missingField(note, initialValues(note, CONTEXT))).toBe("text");
  });
});

describe("the forms of whistles", () => {
  const given: readonly [WhistleCommandKind, Record<string, FormValue>][] = [
    ["answer", { coming: true, note: "" }],
    ["consult", { opinion: "先疏散" }],
    ["take", { measure: "封路" }],
    ["feed-back", { result: "完成" }],
    ["waive", { reason: "不在辖区" }],
    ["call-off", { reason: "误报" }],
    ["summon", { parties: [partyWord("XF", true)], reason: "有毒气体" }],
    ["rate", { score: "5", note: "" }],
  ];
  it.each(given)("make a command of %s that the protocol accepts", (kind, values) => {
    const department = ["consult", "call-off", "summon"].includes(kind) ? null : GA;
    const command = whistleCommandOf({ kind, department }, values, null, null);
    expect(whistleCommandSchema.safeParse(command).error).toBeUndefined();
  });

  it("prove a check-in by place, by code or by a witness", () => {
    const offer = { kind: "check-in", department: GA } as const;
    const place = { lat: 39.9, lon: 116.4, accuracyM: 12 };
    for (const [by, values] of [
      ["place", {}],
      ["code", { code: "1.abc" }],
      ["attestation", { note: "看到" }],
    ] as const) {
      const command = whistleCommandOf(
        { ...offer, by },
        values,
        by === "place" ? place : null,
        "GA",
      );
      expect(whistleCommandSchema.parse(command)).toMatchObject({ department: GA, proof: { by } });
    }
  });
});
