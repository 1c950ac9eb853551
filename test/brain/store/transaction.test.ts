import { describe, expect, it } from "vitest";
import { isConnectionLoss, sqlState } from "../../../brain/store/index.ts";

const withCode = (code: string): Error => Object.assign(new Error("text"), { code });

describe("isConnectionLoss", () => {
  it.each(["ECONNREFUSED", "ECONNRESET", "57P01", "57P03", "08006", "53300"])(
    "takes %s for a lost connection",
    (code) => expect(isConnectionLoss(withCode(code))).toBe(true),
  );

  it.each(["23505", "40001", "42703", "28P01"])("takes %s for an answer of the database", (code) =>
    expect(isConnectionLoss(withCode(code))).toBe(false),
  );

  it("knows pg's own errors, which carry no code", () => {
    expect(isConnectionLoss(new Error("Connection terminated unexpectedly"))).toBe(true);
    expect(isConnectionLoss(new Error("something else"))).toBe(false);
  });
});

describe("sqlState", () => {
  it("is empty for what is no error of the database", () => {
    expect([sqlState(undefined), sqlState("text"), sqlState({ code: 5 })]).toEqual(["", "", ""]);
  });
});
