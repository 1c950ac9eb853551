/** Reads key and secret files; makes the brain's own key where there is none. */
import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { PermanentError } from "../../protocol/index.ts";
import { SECRET_KEY_BYTES } from "./secret-box.ts";
import { parseWebhookSecret } from "./signature.ts";

/**
 * The brain's key: 32 bytes in base64. Written with mode 0600 when the file does not exist.
 *
 * @throws PermanentError CONFIG_INVALID when the file holds something else.
 */
export async function loadSecretKey(file: string): Promise<Buffer> {
  const text = (await readIfPresent(file)) ?? (await makeSecretKey(file));
  const key = Buffer.from(text.trim(), "base64");
  if (key.length !== SECRET_KEY_BYTES) {
    throw new PermanentError("CONFIG_INVALID", "The secret key file is not valid", {
      where: file,
      expected: `${SECRET_KEY_BYTES} bytes in base64`,
      got: `${key.length} bytes`,
    });
  }
  return key;
}

/** @throws PermanentError CONFIG_INVALID unless the file holds a `whsec_…` secret. */
export async function readWebhookSecret(file: string): Promise<string> {
  const secret = (await readRequired(file, "a secret")).trim();
  parseWebhookSecret(secret, file);
  return secret;
}

/** @throws PermanentError CONFIG_INVALID when the key is shorter than 16 characters. */
export async function readOperatorKey(file: string): Promise<string> {
  const key = (await readRequired(file, "the operator key")).trim();
  if (key.length < 16) {
    throw new PermanentError("CONFIG_INVALID", "The operator key is too short", {
      where: file,
      expected: "at least 16 characters",
      got: `${key.length}`,
    });
  }
  return key;
}

async function readRequired(file: string, what: string): Promise<string> {
  const text = await readIfPresent(file);
  if (text === undefined) {
    throw new PermanentError("CONFIG_INVALID", `A file with ${what} is missing`, {
      where: file,
      expected: "a readable file",
    });
  }
  return text;
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw new PermanentError(
      "CONFIG_INVALID",
      "A file of secrets cannot be read",
      { where: file, got: (error as NodeJS.ErrnoException).code ?? "an error" },
      error,
    );
  }
}

/** Two brains that start together must agree on one key, so the first link wins. */
async function makeSecretKey(file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, `${randomBytes(SECRET_KEY_BYTES).toString("base64")}\n`, { mode: 0o600 });
  try {
    await chmod(draft, 0o600);
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, "utf8");
}
