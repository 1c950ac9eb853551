/** Who sits in the control room: a signed cookie, given for the operator key. */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../protocol/index.ts";

export const SESSION_COOKIE = "sesb_session";
export const SESSION_TTL_S = 12 * 3_600;

export interface OperatorSessions {
  /** `open`: loopback only, nobody is asked. */
  readonly mode: "open" | "key";
  /** Constant time whatever was given. */
  isOperatorKey(given: string): boolean;
  issue(): string;
  isValid(cookie: string | undefined): boolean;
}

export interface SessionInput {
  readonly clock: Clock;
  /** The brain's secret key. */
  readonly secretKey: Buffer;
  /** Undefined: the brain listens on loopback only and is open there. */
  readonly operatorKey: string | undefined;
}

export function createOperatorSessions(input: SessionInput): OperatorSessions {
  const { clock, secretKey, operatorKey } = input;
  // Bound to the operator key: changing it ends every session.
  const salt = createHash("sha256")
    .update(operatorKey ?? "")
    .digest();
  const signingKey = Buffer.from(hkdfSync("sha256", secretKey, salt, "operator session", 32));
  const mac = (text: string): string =>
    createHmac("sha256", signingKey).update(text).digest("base64url");
  return {
    mode: operatorKey === undefined ? "open" : "key",
    isOperatorKey: (given) => operatorKey !== undefined && isSame(given, operatorKey),
    issue: () => {
      const expiresS = String(Math.floor(clock.now() / 1000) + SESSION_TTL_S);
      return `${expiresS}.${mac(expiresS)}`;
    },
    isValid: (cookie) => {
      const [expiresS = "", given = ""] = (cookie ?? "").split(".");
      return (
        /^\d{1,12}$/.test(expiresS) &&
        isSame(given, mac(expiresS)) &&
        Number(expiresS) * 1000 > clock.now()
      );
    },
  };
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
