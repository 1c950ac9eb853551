/** Seals secrets for the database with AES-256-GCM. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { PermanentError } from "../../protocol/index.ts";

const VERSION = "v1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const SECRET_KEY_BYTES = 32;

export interface SecretBox {
  /** `owner` is bound to the sealed text: a secret moved to another row does not open. */
  seal(secret: string, owner: string): string;
  /** @throws PermanentError CONFIG_INVALID when the key is another one or the text was changed. */
  open(sealed: string, owner: string): string;
}

/** @param key 32 random bytes. */
export function createSecretBox(key: Buffer): SecretBox {
  return {
    seal: (secret, owner) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      const sealed = Buffer.concat([nonce, text, cipher.getAuthTag()]);
      return `${VERSION}:${sealed.toString("base64")}`;
    },
    open: (sealed, owner) => {
      try {
        const bytes = Buffer.from(sealed.slice(VERSION.length + 1), "base64");
        const nonce = bytes.subarray(0, NONCE_BYTES);
        const decipher = createDecipheriv("aes-256-gcm", key, nonce);
        decipher.setAAD(Buffer.from(owner));
        decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
        const text = bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES);
        return Buffer.concat([decipher.update(text), decipher.final()]).toString("utf8");
      } catch (error) {
        throw new PermanentError(
          "CONFIG_INVALID",
          "A stored secret does not open",
          { where: owner, expected: "the key in security.secretKeyFile that sealed it" },
          error,
        );
      }
    },
  };
}
