import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  checkEvent,
  checkStorable,
  isRefused,
  UnstorableJsonError,
} from "../../../brain/intake/index.ts";
import { sampleEvent } from "../../contract/brain/sample-event.ts";

const NOW = 1_790_000_000_000;
const rules = {
  nodeId: "node-1",
  now: NOW,
  maxAgeH: 1,
  maxFutureS: 60,
  isKnownCamera: (id: string) => id === "cam-1",
  judge: (_camera: string, type: string) =>
    type === "SEC.LOITER" ? ("not-its-purpose" as const) : ("permitted" as const),
};

const sent = (value: unknown) => ({ text: Buffer.from(JSON.stringify(value)), value });

const outcome = (value: unknown): string => {
  const result = checkEvent(sent(value), 0, rules);
  return isRefused(result) ? result.error.code : "ok";
};

describe("the check of one event", () => {
  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false }), (value) => {
        const result = checkEvent(sent(JSON.parse(JSON.stringify([value]))), 0, rules);
        expect(isRefused(result)).toBe(true);
      }),
    );
  });

  it("keeps time at its bounds", () => {
    expect(outcome(sampleEvent({ at: NOW }))).toBe("ok");
    expect(outcome(sampleEvent({ at: NOW - 3_600_000 }))).toBe("ok");
    expect(outcome(sampleEvent({ at: NOW - 3_600_001 }))).toBe("EVENT_TOO_OLD");
    expect(outcome(sampleEvent({ at: NOW + 60_000 }))).toBe("ok");
    expect(outcome(sampleEvent({ at: NOW + 60_001 }))).toBe("EVENT_IN_FUTURE");
  });

  it("survives any single change of a valid event", () => {
    const valid = JSON.stringify(sampleEvent({ at: NOW }));
    fc.assert(
      fc.property(
        fc.nat({ max: valid.length - 1 }),
        fc.constantFrom("0", "1", "9", "-", ".", "e", "{", "}", "[", "]", ",", ":", "a", "T"),
        (at, char) => {
          const text = valid.slice(0, at) + char + valid.slice(at + 1);
          let value: unknown;
          try {
            value = JSON.parse(text);
          } catch {
            return;
          }
          expect(typeof outcome(value)).toBe("string");
        },
      ),
    );
  });
});

describe("what no database keeps", () => {
  const check = (text: string): void => checkStorable(Buffer.from(text), JSON.parse(text));

  it("is found behind its escapes, in keys and in values", () => {
    for (const bad of ["\\u0000", "\\uD800", "a\\udfffb", "\\ud83dx"]) {
      expect(() => check(`{"a":["${bad}"]}`)).toThrow(UnstorableJsonError);
      expect(() => check(`{"${bad}":1}`)).toThrow(UnstorableJsonError);
    }
  });

  it("is not seen in what only looks like it", () => {
    for (const good of ["\\\\u0000", "\\u4e2d", "\\ud83d\\ude00", "😀", "\\\\ud800"]) {
      expect(() => check(`{"a":["${good}"]}`)).not.toThrow();
    }
  });
});

describe("canonical JSON", () => {
  it("is the same for equal values, in whatever order their keys were written", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        let text: string;
        try {
          text = canonicalJson(value);
        } catch {
          return;
        }
        expect(canonicalJson(reversed)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("refuses what no database keeps", () => {
    for (const text of ["\u0000", "a\ud800b", "\udc00"]) {
      expect(() => canonicalJson({ key: [text] })).toThrow(/NUL/);
      expect(() => canonicalJson({ [text]: 1 })).toThrow(/NUL/);
    }
    expect(canonicalJson("😀")).toBe('"😀"');
  });
});

describe("the register of cameras", () => {
  it("refuses a type of event that a camera is not registered for, and says which", () => {
    const refused = checkEvent(sent(sampleEvent({ at: NOW, code: "SEC.LOITER" })), 3, rules);
    expect(isRefused(refused) && refused.error).toMatchObject({
      code: "CAMERA_INACTIVE",
      detail: { where: "events[3].type", got: "SEC.LOITER" },
    });
  });
});
