import { describe, expect, it } from "vitest";
import { createSiteCodes } from "../../../brain/casework/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const KEY = Buffer.alloc(32, 7);

describe("the code of a site", () => {
  it("holds for its own whistle, for ten minutes", async () => {
    const clock = new FakeClock();
    const codes = createSiteCodes(KEY, clock);
    const { code } = codes.issue("whistle-1");
    expect(codes.isValid("whistle-1", code)).toBe(true);
    expect(codes.isValid("whistle-2", code)).toBe(false);
    await clock.advance(599_000);
    expect(codes.isValid("whistle-1", code)).toBe(true);
    await clock.advance(2_000);
    expect(codes.isValid("whistle-1", code)).toBe(false);
  });

  it("is worth nothing when it is changed, lengthened or signed by another brain", () => {
    const clock = new FakeClock();
    const codes = createSiteCodes(KEY, clock);
    const { code } = codes.issue("w");
    const [expiresS = "", mac = ""] = code.split(".");
    for (const forged of [
      `${Number(expiresS) + 600}.${mac}`,
      `${code}0`,
      code.slice(0, -1),
      "",
      ".",
      `${code}.x`.replace(".x", "zz"),
      createSiteCodes(Buffer.alloc(32, 8), clock).issue("w").code,
    ]) {
      expect(codes.isValid("w", forged)).toBe(false);
    }
  });
});
