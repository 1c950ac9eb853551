/**
 * T4: one command in one transaction, once. A repetition under the same key gets the first answer;
 * a refusal leaves nothing behind, so that the same key may be tried again.
 */
import { createHash } from "node:crypto";
import type { Transaction } from "kysely";
import { type EpochMs, PermanentError } from "../../protocol/index.ts";
import { lockCases, type Schema, transaction } from "../store/index.ts";
import type { CaseworkInput } from "./deps.ts";

export interface OnceKey {
  /** Whose key it is: keys of different senders never meet. */
  readonly principal: string;
  readonly key: string;
  /** Everything that the command says. */
  readonly body: unknown;
}

export interface Done<T> {
  readonly answer: T;
  readonly endpointIds: readonly string[];
}

export interface Ran<T> {
  readonly answer: T;
  readonly repeated: boolean;
}

/** @throws PermanentError KEY_REUSED, and whatever `work` throws. */
export async function runOnce<T>(
  { db, clock, onDeliveries }: CaseworkInput,
  once: OnceKey,
  work: (tx: Transaction<Schema>, now: EpochMs) => Promise<Done<T>>,
): Promise<Ran<T>> {
  const bodyHash = createHash("sha256").update(JSON.stringify(once.body)).digest("hex");
  const now = clock.now();
  const ran = await transaction(
    db,
    async (tx): Promise<Ran<T> & { readonly endpointIds: readonly string[] }> => {
      await lockCases(tx);
      const earlier = await readAnswer<T>(tx, once, bodyHash);
      if (earlier !== undefined) {
        return { answer: earlier, repeated: true, endpointIds: [] };
      }
      const { answer, endpointIds } = await work(tx, now);
      await tx
        .insertInto("command")
        .values({
          principal: once.principal,
          key: once.key,
          body_hash: bodyHash,
          answer: JSON.stringify(answer),
          at: new Date(now),
        })
        .execute();
      return { answer, repeated: false, endpointIds };
    },
    { clock },
  );
  if (ran.endpointIds.length > 0) {
    onDeliveries(ran.endpointIds);
  }
  return { answer: ran.answer, repeated: ran.repeated };
}

async function readAnswer<T>(
  tx: Transaction<Schema>,
  { principal, key }: OnceKey,
  bodyHash: string,
): Promise<T | undefined> {
  const row = await tx
    .selectFrom("command")
    .select(["body_hash", "answer"])
    .where("principal", "=", principal)
    .where("key", "=", key)
    .executeTakeFirst();
  if (row !== undefined && row.body_hash !== bodyHash) {
    throw new PermanentError("KEY_REUSED", "The key was used before, with another command", {
      where: "idempotency-key",
      expected: "a new key for each command",
    });
  }
  return row?.answer as T | undefined;
}
