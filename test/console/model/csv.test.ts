import { describe, expect, it } from "vitest";
import { toCsv } from "../../../console/model/index.ts";

const lineOf = (cell: string | number | null): string =>
  toCsv(["head"], [[cell]]).split("\r\n")[1] ?? "";

describe("a table as CSV", () => {
  it("starts with a byte-order mark, ends lines by the standard and keeps Chinese", () => {
    expect(toCsv(["类型", "n"], [["火情", 2]])).toBe("\uFEFF类型,n\r\n火情,2\r\n");
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1"])("disarms %j", (text) => {
    expect(lineOf(text)).toBe(`"'${text}"`);
  });

  it("leaves numbers numbers, also negative ones, and nothing empty", () => {
    expect([lineOf(-1), lineOf(0.5), lineOf(null)]).toEqual(["-1", "0.5", ""]);
  });

  it("quotes separators, quotes and line ends", () => {
    expect(lineOf('a,"b"')).toBe('"a,""b"""');
    expect(lineOf("a;b")).toBe('"a;b"');
  });
});
