import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ERROR_CODES, PermanentError, toProblem } from "../../protocol/index.ts";

const DOCUMENT = path.resolve(import.meta.dirname, "../../docs/errors.md");

/** Code and status of every row of the table. */
function documented(): [string, number][] {
  const rows = readFileSync(DOCUMENT, "utf8").matchAll(
    /^\| ([A-Z_]+) \| (\d{3}) \| .+ \| .+ \|$/gm,
  );
  return [...rows].map(([, code, status]) => [code as string, Number(status)]);
}

describe("docs/errors.md", () => {
  it("lists every code with its status, in the order of the source, and no other", () => {
    expect(documented()).toEqual(Object.entries(ERROR_CODES));
  });
});

describe("a problem", () => {
  it("carries code, expectation and place, and never the cause", () => {
    const cause = new Error("secret detail");
    const error = new PermanentError("NOT_FOUND", "Nothing here", { where: "x", got: "y" }, cause);
    expect(toProblem(error)).toEqual({
      code: "NOT_FOUND",
      message: "Nothing here; at x; got y",
      where: "x",
      got: "y",
    });
  });
});
