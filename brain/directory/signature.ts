/**
 * Standard Webhooks signatures (v1): HMAC-SHA256 over `id.timestamp.body`. Written here on bytes,
 * because a body must be signed as it travels; tests hold it against two other implementations.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { PermanentError } from "../../protocol/index.ts";

const PREFIX = "whsec_";
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;

/**
 * The bytes of a `whsec_…` secret.
 *
 * @throws PermanentError CONFIG_INVALID unless it is 24 to 64 bytes in base64; never shows them.
 */
export function parseWebhookSecret(secret: string, where: string): Buffer {
  const bytes = secret.startsWith(PREFIX)
    ? Buffer.from(secret.slice(PREFIX.length), "base64")
    : Buffer.alloc(0);
  if (bytes.length < MIN_SECRET_BYTES || bytes.length > MAX_SECRET_BYTES) {
    throw new PermanentError("CONFIG_INVALID", "A webhook secret is not valid", {
      where,
      expected: `whsec_ and ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes in base64`,
    });
  }
  return bytes;
}

/** The `webhook-signature` of a message. */
export function signMessage(
  key: Buffer,
  id: string,
  timestampS: number,
  body: Buffer | string,
): string {
  const mac = createHmac("sha256", key).update(`${id}.${timestampS}.`).update(body);
  return `v1,${mac.digest("base64")}`;
}

/** True when one of the space-separated signatures is right; compares in constant time. */
export function isSignedBy(key: Buffer, message: SignedMessage): boolean {
  const expected = Buffer.from(signMessage(key, message.id, message.timestampS, message.body));
  return message.signatures
    .split(" ")
    .slice(0, 8)
    .map((signature) => Buffer.from(signature))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

export interface SignedMessage {
  readonly id: string;
  readonly timestampS: number;
  readonly signatures: string;
  readonly body: Buffer | string;
}
