import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isAuthorised, parseDigest } from "../../../demo/camera-server/digest-auth.ts";

const credentials = { username: "viewer", password: "s:cret" };
const nonce = "abc123";
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

function header(password: string, method: string, useNonce = nonce): string {
  const uri = "rtsp://h/gate";
  const response = md5(
    `${md5(`viewer:camera:${password}`)}:${useNonce}:${md5(`${method}:${uri}`)}`,
  );
  return (
    `Digest username="viewer", realm="camera", nonce="${useNonce}", ` +
    `uri="${uri}", response="${response}", algorithm=MD5`
  );
}

describe("isAuthorised", () => {
  it("accepts the digest of the right password", () => {
    const check = { method: "PLAY", header: header("s:cret", "PLAY"), nonce, credentials };
    expect(isAuthorised(check)).toBe(true);
  });

  it.each([
    ["no header", undefined],
    ["another scheme", "Basic dmlld2VyOnM6Y3JldA=="],
    ["an empty digest", "Digest "],
    ["a wrong password", header("guess", "PLAY")],
    ["the digest of another method", header("s:cret", "SETUP")],
    ["the nonce of another connection", header("s:cret", "PLAY", "other")],
  ])("refuses %s", (_name, given) => {
    expect(isAuthorised({ method: "PLAY", header: given, nonce, credentials })).toBe(false);
  });

  it("reads quoted and bare fields", () => {
    const fields = parseDigest('Digest a="x, y", b=z');
    expect([...(fields ?? [])]).toEqual([
      ["a", "x, y"],
      ["b", "z"],
    ]);
  });
});
