/** Secrets of before: while an overlap lasts both count, so that the other side may change any time. */
import type { EpochMs } from "../../protocol/index.ts";
import type { OldSecret } from "../store/index.ts";
import type { SecretBox } from "./secret-box.ts";
import { parseWebhookSecret, signMessage } from "./signature.ts";

/** Opened; the current key is the first. */
export interface KeyRing {
  /** Keys that count at a time. */
  at(now: EpochMs): readonly Buffer[];
}

interface SealedRing {
  readonly secret: string;
  readonly old_secrets: readonly OldSecret[];
}

/** @throws PermanentError CONFIG_INVALID as `SecretBox.open`. */
export function openKeyRing(
  { secret, old_secrets }: SealedRing,
  owner: string,
  box: SecretBox,
): KeyRing {
  const open = (sealed: string): Buffer => parseWebhookSecret(box.open(sealed, owner), owner);
  const current = open(secret);
  const old = old_secrets.map(({ sealed, until }) => ({
    key: open(sealed),
    until: Date.parse(until),
  }));
  return {
    at: (now) => [current, ...old.filter(({ until }) => now < until).map(({ key }) => key)],
  };
}

/** What still counts. */
export function unexpired(old: readonly OldSecret[], now: EpochMs): readonly OldSecret[] {
  return old.filter(({ until }) => now < Date.parse(until));
}

/** The `webhook-signature` of a message: one signature for each key, the current key's first. */
export function signWithRing(
  ring: KeyRing,
  now: EpochMs,
  message: { readonly id: string; readonly timestampS: number; readonly body: Buffer | string },
): string {
  const { id, timestampS, body } = message;
  return ring
    .at(now)
    .map((key) => signMessage(key, id, timestampS, body))
    .join(" ");
}
