/** Passwords: which are good enough, and keeping them as Argon2id. */
import { hash, parseOptions, verify } from "@node-rs/argon2";
import { MIN_PASSWORD_LENGTH, PermanentError, TransientError } from "../../protocol/index.ts";

/** The library's number for Argon2id; its enum exists for the compiler only. */
const ARGON2ID = 2;
/** What OWASP advises: 19 MiB, two passes, one lane. */
const COST = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashes at work or waiting: beyond that somebody floods the door. */
const MAX_AT_ONCE = 16;
const MIN_DIFFERENT = 5;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long for an account without a password. */
  isRight(stored: string | null, password: string): Promise<boolean>;
  /** True for a hash of weaker cost than today's. */
  isOutdated(stored: string): boolean;
}

export function createPasswords(): Passwords {
  let atOnce = 0;
  let decoy: Promise<string> | undefined;
  const bounded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (atOnce >= MAX_AT_ONCE) {
      throw new TransientError("OVERLOADED", "Too many people sign in at the same moment", {
        expected: `at most ${MAX_AT_ONCE} passwords at once`,
      });
    }
    atOnce += 1;
    try {
      return await work();
    } finally {
      atOnce -= 1;
    }
  };
  return {
    hash: (password) => bounded(() => hash(normal(password), COST)),
    isRight: (stored, password) =>
      bounded(async () => {
        decoy ??= hash("nobody's password", COST);
        const isSame = await verify(stored ?? (await decoy), normal(password));
        return stored !== null && isSame;
      }),
    isOutdated: (stored) => {
      const { memoryCost, timeCost } = parseOptions(stored);
      const isCheaper = memoryCost < COST.memoryCost || timeCost < COST.timeCost;
      return isCheaper || !stored.startsWith("$argon2id$");
    },
  };
}

/** The same characters, however a keyboard composes them. */
function normal(password: string): string {
  return password.normalize("NFKC");
}

/** @throws PermanentError PASSWORD_WEAK, saying what would be good enough. */
export function requireGoodPassword(name: string, password: string): void {
  const text = normal(password);
  const characters = Array.from(text);
  const problem =
    characters.length < MIN_PASSWORD_LENGTH
      ? `at least ${MIN_PASSWORD_LENGTH} characters`
      : new Set(characters).size < MIN_DIFFERENT
        ? `at least ${MIN_DIFFERENT} different characters`
        : holdsName(text, name)
          ? "a password without the account's name in it"
          : undefined;
  if (problem !== undefined) {
    throw new PermanentError("PASSWORD_WEAK", "The password is not good enough", {
      where: "password",
      expected: problem,
    });
  }
}

function holdsName(password: string, name: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const own = plain(name);
  const reversed = Array.from(own).reverse().join("");
  return own.length > 0 && (plain(password).includes(own) || plain(password).includes(reversed));
}
