/**
 * Numbers and chains what was committed. Writers do not wait for each other that way, and a row is
 * sealed within about a second; one sealer at a time, whichever replica it runs in.
 */
import { type Kysely, sql, type Transaction } from "kysely";
import type { Clock } from "../../protocol/index.ts";
import { type Log, type Schema, transaction } from "../store/index.ts";
import { CHAIN_START, chainHash } from "./chain.ts";
import { chained } from "./rows.ts";

export interface SealerInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Sealer {
  /** Seals all that is committed. @returns rows sealed. */
  seal(): Promise<number>;
  /** Seals once a second until `signal`, and once more then. */
  run(signal: AbortSignal): Promise<void>;
}

/** Any fixed number; who seals takes this lock. */
const SEAL_LOCK = 7_351_002;
const BATCH = 1_000;
const PAUSE_MS = 1_000;

export function createSealer({ db, clock, log }: SealerInput): Sealer {
  const seal = async (): Promise<number> => {
    let total = 0;
    for (;;) {
      const count = await transaction(db, sealBatch, { clock });
      total += count;
      if (count < BATCH) {
        return total;
      }
    }
  };
  return {
    seal,
    run: async (signal) => {
      while (!signal.aborted) {
        await seal().catch((error: unknown) => {
          log.warn({ reason: (error as Error).message }, "the audit is sealed later");
        });
        await clock.wait(PAUSE_MS, signal).catch(() => undefined);
      }
      await seal().catch(() => 0); // What is left is sealed at the next start.
    },
  };
}

async function sealBatch(tx: Transaction<Schema>): Promise<number> {
  await sql`select pg_advisory_xact_lock(${sql.lit(SEAL_LOCK)})`.execute(tx);
  const rows = await tx
    .selectFrom("audit_unsealed")
    .innerJoin("audit", "audit.id", "audit_unsealed.audit_id")
    .select("audit_unsealed.position")
    .selectAll("audit")
    .orderBy("audit_unsealed.position")
    .limit(BATCH)
    .execute();
  if (rows.length === 0) {
    return 0;
  }
  const last = await tx
    .selectFrom("audit_seal")
    .select(["number", "hash"])
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  let { number, hash } = last ?? { number: 0, hash: CHAIN_START };
  const seals = rows.map((row) => {
    number += 1;
    hash = chainHash(hash, chained(number, row));
    return { number, audit_id: row.id, hash };
  });
  await tx.insertInto("audit_seal").values(seals).execute();
  await tx
    .deleteFrom("audit_unsealed")
    .where(
      "position",
      "in",
      rows.map(({ position }) => position),
    )
    .execute();
  return rows.length;
}
