import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, it } from "vitest";
import {
  checkSender,
  createSecretBox,
  isSignedBy,
  parseWebhookSecret,
  signMessage,
} from "../../../brain/directory/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const key = parseWebhookSecret(secret, "test");

describe("signatures", () => {
  it("equal those of two other implementations for any body", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat({ max: 2_000_000_000 }), (body, at) => {
        const mine = signMessage(key, "msg_1", at, body);
        const date = new Date(at * 1000);
        expect(mine).toBe(new Webhook(secret).sign("msg_1", date, body));
        expect(mine).toBe(new SvixWebhook(secret).sign("msg_1", date, body));
      }),
    );
  });

  it("verify when one of several fits, as during a rotation", () => {
    const old = signMessage(randomBytes(32), "m", 1, "body");
    const message = { id: "m", timestampS: 1, body: "body" };
    const right = signMessage(key, "m", 1, "body");
    expect(isSignedBy(key, { ...message, signatures: `${old} v1a,xyz ${right}` })).toBe(true);
    expect(isSignedBy(key, { ...message, signatures: old })).toBe(false);
    expect(isSignedBy(key, { ...message, signatures: right.slice(0, -1) })).toBe(false);
    expect(isSignedBy(key, { ...message, id: "n", signatures: right })).toBe(false);
  });

  it("need a secret of sensible size", () => {
    for (const bad of [
      "",
      "whsec_",
      "whsec_c2hvcnQ=",
      secret.slice(6),
      `whsec_${"A".repeat(200)}`,
    ]) {
      expect(() => parseWebhookSecret(bad, "here")).toThrow(/not valid; at here/);
    }
  });
});

describe("the check of a sender", () => {
  const clock = new FakeClock();
  const nowS = Math.floor(clock.now() / 1000);
  const kind = {
    what: "node",
    unknownCode: "NODE_UNKNOWN",
    findKeys: (name: string) => (name === "n" ? [randomBytes(32), key] : undefined),
  } as const;
  const headers = (
    changes: Record<string, string | undefined> = {},
  ): Record<string, string | undefined> => ({
    "x-sesb-sender": "n",
    "webhook-id": "m",
    "webhook-timestamp": String(nowS),
    "webhook-signature": signMessage(key, "m", nowS, "body"),
    ...changes,
  });
  const codeOf = (changes: Record<string, string | undefined>, body = "body"): string => {
    try {
      return checkSender(kind, headers(changes), body, clock);
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it("names the sender or says what is wrong", () => {
    expect(codeOf({})).toBe("n");
    for (const name of Object.keys(headers())) {
      expect(codeOf({ [name]: undefined })).toBe("SIGNATURE_MISSING");
    }
    expect(codeOf({ "x-sesb-sender": "other" })).toBe("NODE_UNKNOWN");
    expect(codeOf({}, "other body")).toBe("SIGNATURE_WRONG");
    for (const time of ["x", "-1", "1e9", String(nowS + 301), String(nowS - 301)]) {
      expect(codeOf({ "webhook-timestamp": time })).toBe("SIGNATURE_WRONG");
    }
  });

  it("tolerates five minutes either way", () => {
    for (const at of [nowS - 300, nowS + 300]) {
      const signature = signMessage(key, "m", at, "body");
      expect(codeOf({ "webhook-timestamp": String(at), "webhook-signature": signature })).toBe("n");
    }
  });
});

describe("the secret box", () => {
  const box = createSecretBox(randomBytes(32));

  it("opens what it sealed, for the same owner only", () => {
    const sealed = box.seal(secret, "node:a");
    expect(sealed).not.toContain(secret);
    expect(box.open(sealed, "node:a")).toBe(secret);
    expect(() => box.open(sealed, "node:b")).toThrow(/does not open/);
    expect(() => createSecretBox(randomBytes(32)).open(sealed, "node:a")).toThrow(/does not open/);
    expect(() => box.open(`${sealed.slice(0, -4)}AAAA`, "node:a")).toThrow(/does not open/);
    expect(() => box.open("", "node:a")).toThrow(/does not open/);
  });

  it("never seals alike twice", () => {
    expect(box.seal(secret, "o")).not.toBe(box.seal(secret, "o"));
  });
});
