import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBatch } from "../../../brain/intake/index.ts";

const textsOf = (json: string): string[] | undefined =>
  parseBatch(Buffer.from(json))?.map(({ text }) => text.toString());

/** Keys that make seams likely, in places where they are none. */
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, fc.jsonValue(), tie("list"), tie("event"), fc.constant('},{"id"')),
  list: fc.array(tie("any"), { maxLength: 3 }),
  event: fc.record({ id: fc.nat(), more: tie("any") }, { requiredKeys: ["id"] }),
})).any;

describe("a batch", () => {
  it("falls apart into its elements, whatever these hold and however they are spaced", () => {
    fc.assert(
      fc.property(fc.array(value), fc.constantFrom(undefined, 1, "\t"), (values, indent) => {
        const json = JSON.stringify(values, null, indent);
        const sent = JSON.parse(json) as unknown[];
        const events = parseBatch(Buffer.from(json));
        expect(events?.map((event) => event.value)).toEqual(sent);
        expect(events?.map(({ text }) => JSON.parse(text.toString()) as unknown)).toEqual(sent);
      }),
    );
  });

  it("is not torn by brackets, commas and quotes inside of strings", () => {
    const values = ['],[{"', '\\"', "\\\\", ',"', { '}],"': ['\\\\"'] }];
    expect(textsOf(JSON.stringify(values))).toEqual(values.map((item) => JSON.stringify(item)));
  });

  it("is not torn where an element holds what stands between elements", () => {
    const event = { id: 1, list: [{ id: 2 }, { id: 3 }], text: '},{"id"' };
    expect(textsOf(JSON.stringify([event, event]))).toEqual(
      [event, event].map((item) => JSON.stringify(item)),
    );
  });

  it("is refused when it is cut, and nothing where it is no list", () => {
    const json = Buffer.from('[{"id":1},{"id":2}]');
    for (let end = 0; end < json.length; end += 1) {
      expect(() => parseBatch(json.subarray(0, end))).toThrow(/not JSON/);
    }
    expect(() => parseBatch(Buffer.from('[{"id":1},]'))).toThrow(/not JSON/);
    expect(() => parseBatch(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))).toThrow(/not JSON/);
    expect(parseBatch(Buffer.from('{"id":1}'))).toBeUndefined();
    expect(parseBatch(Buffer.from("[]"))).toEqual([]);
  });
});
