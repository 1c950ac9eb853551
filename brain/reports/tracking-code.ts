/** Codes that a reporter follows a report by: 60 bits, made of the report's id and the brain's key. */
import { createHash, createHmac, hkdfSync } from "node:crypto";

/** Crockford's base 32: no I, L, O and U, which look or sound like others. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 12;

export interface TrackingCodes {
  /** The same for the same report, so that a repeated report gets its code again. */
  codeOf(reportId: string): string;
}

export function createTrackingCodes(secretKey: Buffer): TrackingCodes {
  const key = Buffer.from(hkdfSync("sha256", secretKey, "", "report tracking code", 32));
  return {
    codeOf: (reportId) => {
      const mac = createHmac("sha256", key).update(reportId).digest();
      return Array.from(mac.subarray(0, LENGTH), (byte) => DIGITS[byte % 32]).join("");
    },
  };
}

/** `XXXX-XXXX-XXXX`. */
export function showCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, "$1-");
}

/** What the database knows a code or a key by. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
