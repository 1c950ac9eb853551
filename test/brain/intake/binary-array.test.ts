import { describe, expect, it } from "vitest";
import { textArray, timeArray, uuidArray } from "../../../brain/intake/binary-array.ts";

describe("a binary array", () => {
  it("has PostgreSQL's header and a length before each value", () => {
    const array = textArray(["中", ""]);
    expect(array.toString("hex")).toBe(
      ["00000001", "00000000", "00000019", "00000002", "00000001"].join("") +
        ["00000003", "e4b8ad", "00000000"].join(""),
    );
  });

  it("writes uuids as their 16 bytes, in either case", () => {
    const id = "0190163D-8694-739B-AEA5-966C26F8AD91";
    expect(uuidArray([id]).subarray(24).toString("hex")).toBe("0190163d8694739baea5966c26f8ad91");
  });

  it("counts microseconds from the year 2000", () => {
    const [epoch, before] = [Date.UTC(2000, 0, 1), Date.UTC(1999, 11, 31, 23, 59, 59, 999)];
    const array = timeArray([epoch, before]);
    expect(array.readBigInt64BE(24)).toBe(0n);
    expect(array.readBigInt64BE(36)).toBe(-1000n);
  });
});
