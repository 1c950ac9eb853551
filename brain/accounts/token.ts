import { createHash, randomBytes } from "node:crypto";

/** 256 random bits: cannot be guessed, so a plain hash of it is safe to keep. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
