import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createOperatorSessions, SESSION_TTL_S } from "../../../brain/api/index.ts";
import type { Clock } from "../../../protocol/index.ts";

describe("operator sessions", () => {
  const secretKey = randomBytes(32);
  let now = 1_790_000_000_000;
  const clock: Clock = { now: () => now, wait: () => Promise.resolve() };
  const sessions = createOperatorSessions({ clock, secretKey, operatorKey: "the right key" });

  it("last for their time and not longer", () => {
    const cookie = sessions.issue();
    expect(sessions.isValid(cookie)).toBe(true);
    now += SESSION_TTL_S * 1000;
    expect(sessions.isValid(cookie)).toBe(false);
  });

  it("cannot be forged, prolonged or carried to another key", () => {
    const cookie = sessions.issue();
    const [expires, mac] = cookie.split(".") as [string, string];
    expect(sessions.isValid(`${String(Number(expires) + 1)}.${mac}`)).toBe(false);
    expect(sessions.isValid(`${expires}.`)).toBe(false);
    expect(sessions.isValid("")).toBe(false);
    expect(sessions.isValid(undefined)).toBe(false);
    const other = createOperatorSessions({ clock, secretKey, operatorKey: "another key" });
    expect(other.isValid(cookie)).toBe(false);
  });

  it("are given for the right key only", () => {
    expect(sessions.isOperatorKey("the right key")).toBe(true);
    expect(sessions.isOperatorKey("the right kez")).toBe(false);
    expect(sessions.isOperatorKey("")).toBe(false);
  });
});
