/**
 * Codes that the site shows (on paper, on a screen, as a picture to scan): whoever reads one out is
 * there. They are short-lived, so that a photograph of one does not travel far.
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../protocol/index.ts";
import type { SiteCodes } from "./deps.ts";

const TTL_MS = 10 * 60_000;
/** 80 bits: nobody guesses one in its ten minutes, and it can still be typed. */
const MAC_BYTES = 10;

export function createSiteCodes(secretKey: Buffer, clock: Clock): SiteCodes {
  const key = Buffer.from(hkdfSync("sha256", secretKey, "", "whistle site code", 32));
  const mac = (whistleId: string, expiresS: string): string =>
    createHmac("sha256", key)
      .update(`${whistleId}.${expiresS}`)
      .digest()
      .subarray(0, MAC_BYTES)
      .toString("hex");
  return {
    issue: (whistleId) => {
      const expiresAt = clock.now() + TTL_MS;
      const expiresS = String(Math.ceil(expiresAt / 1000));
      return { code: `${expiresS}.${mac(whistleId, expiresS)}`, expiresAt };
    },
    isValid: (whistleId, code) => {
      const [expiresS = "", given = ""] = code.split(".");
      const expected = Buffer.from(mac(whistleId, expiresS));
      const bytes = Buffer.from(given);
      return (
        /^\d{1,12}$/.test(expiresS) &&
        bytes.length === expected.length &&
        timingSafeEqual(bytes, expected) &&
        Number(expiresS) * 1000 > clock.now()
      );
    },
  };
}
