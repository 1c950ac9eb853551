import { hash } from "@node-rs/argon2";
import { describe, expect, it } from "vitest";
import { createPasswords, requireGoodPassword } from "../../../brain/accounts/index.ts";

describe("passwords", () => {
  const passwords = createPasswords();

  it("are kept as Argon2id of today's cost", async () => {
    const stored = await passwords.hash("a long enough one");
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(stored).not.toBe(await passwords.hash("a long enough one"));
    expect(await passwords.isRight(stored, "a long enough one")).toBe(true);
    expect(await passwords.isRight(stored, "a long enough onf")).toBe(false);
    expect(await passwords.isRight(null, "nobody's password")).toBe(false);
    expect(passwords.isOutdated(stored)).toBe(false);
    expect(passwords.isOutdated(await hash("old", { memoryCost: 4096 }))).toBe(true);
  });

  it("are the same however a keyboard composes the characters", async () => {
    const stored = await passwords.hash("caf\u00e9 au lait, bitte");
    expect(await passwords.isRight(stored, "cafe\u0301 au lait, bitte")).toBe(true);
  });

  it("are refused when too many are looked at in the same moment", async () => {
    const tries = Array.from({ length: 40 }, () => passwords.hash("a long enough one"));
    const outcomes = await Promise.allSettled(tries);
    const refused = outcomes.filter((one) => one.status === "rejected");
    expect(refused).toHaveLength(24);
    expect(refused[0]).toMatchObject({ reason: { code: "OVERLOADED" } });
  });

  it("must be long, varied and free of the name", () => {
    expect(() => requireGoodPassword("li.wei", "correct horse battery")).not.toThrow();
    expect(() => requireGoodPassword("li.wei", "九月的晴朗天空真是美丽啊")).not.toThrow();
    for (const weak of [
      "eleven char",
      "aaaaaaaaaaaaaaaa",
      "abababababab",
      "my li-wei password",
      "LIWEI and more to it",
      "ieWil and more to it",
    ]) {
      expect(() => requireGoodPassword("li.wei", weak), weak).toThrow(/not good enough/);
    }
  });
});
