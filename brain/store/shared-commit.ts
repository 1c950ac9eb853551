/**
 * Small changes of cases that come at the same time share one transaction. Each by itself would
 * hold a connection while it waits for the lock of cases, until none is left for anything else.
 */
import type { Kysely, Transaction } from "kysely";
import { type Clock, TransientError } from "../../protocol/index.ts";
import { lockCases } from "./journal.ts";
import { createPace } from "./pace.ts";
import type { Schema } from "./schema.ts";
import { isConnectionLoss, transaction } from "./transaction.ts";

export interface SharedCommit {
  /**
   * Runs `work` under the lock of cases and resolves when it is committed. It may run twice, so it
   * must have no effect outside of the transaction. What it throws is thrown here, and nothing of
   * it is kept; the others are not touched by that.
   * @throws TransientError OVERLOADED when too many wait, DATABASE_UNAVAILABLE.
   */
  run<Result>(work: (tx: Transaction<Schema>) => Promise<Result>): Promise<Result>;
}

interface Waiting {
  /** Hands the result over in `settle`, once it is committed. */
  readonly work: (tx: Transaction<Schema>) => Promise<() => void>;
  readonly reject: (error: unknown) => void;
}

/** Few enough to hold the lock shortly: each takes some ten statements. */
const MAX_GROUP = 32;
const MAX_WAITING = 2_000;
/** The first goes at once; those that follow it closely gather for the next. */
const GAP_MS = 20;

export function shareCommits(input: {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
}): SharedCommit {
  const waiting: Waiting[] = [];
  const pace = createPace(input.clock, GAP_MS);
  let isWriting = false;
  const writeAll = async (): Promise<void> => {
    if (isWriting) {
      return;
    }
    isWriting = true;
    while (waiting.length > 0) {
      await (waiting.length < MAX_GROUP ? pace() : undefined);
      await writeGroup(input, waiting.splice(0, MAX_GROUP));
    }
    isWriting = false;
  };
  return {
    run: (work) => {
      if (waiting.length >= MAX_WAITING) {
        return Promise.reject(
          new TransientError("OVERLOADED", "Too many changes of cases wait", {
            expected: `at most ${String(MAX_WAITING)}`,
          }),
        );
      }
      return new Promise((resolve, reject) => {
        waiting.push({
          work: async (tx) => {
            const result = await work(tx);
            return () => resolve(result);
          },
          reject,
        });
        void writeAll();
      });
    },
  };
}

/** Never throws: everybody in the group is told. */
async function writeGroup(
  { db, clock }: { readonly db: Kysely<Schema>; readonly clock: Clock },
  group: readonly Waiting[],
): Promise<void> {
  try {
    const settle = await transaction(
      db,
      async (tx) => {
        await lockCases(tx);
        const done: (() => void)[] = [];
        for (const { work } of group) {
          done.push(await work(tx));
        }
        return done;
      },
      { clock },
    );
    settle.forEach((tell) => tell());
  } catch (error) {
    if (group.length === 1 || error instanceof TransientError || isConnectionLoss(error)) {
      group.forEach(({ reject }) => reject(error));
      return;
    }
    // One of them was refused, and the whole was rolled back: each by itself then.
    for (const one of group) {
      await writeGroup({ db, clock }, [one]);
    }
  }
}
