/**
 * What comes at the same time is written together. Each by itself would wait for the lock of cases
 * with a connection in hand, until none is left for anything else, and would pay for a commit.
 */
import { type Clock, TransientError } from "../../protocol/index.ts";
import { createPace } from "./pace.ts";
import { isConnectionLoss } from "./transaction.ts";

export interface GroupWriter<Item, Result> {
  /**
   * Resolves when the item is durable.
   * @throws what `writeAll` throws for it; TransientError OVERLOADED when too many wait.
   */
  write(item: Item): Promise<Result>;
}

export interface GroupWriterOptions<Item, Result> {
  readonly clock: Clock;
  /**
   * Writes all or nothing, and gives one result for each. When it throws because of an item, each is
   * written alone, so that the others do not suffer; so it must have no effect but in the database.
   */
  readonly writeAll: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly maxGroup: number;
  /** More than these are turned away. */
  readonly maxWaiting: number;
  /** The first is written at once; those that come soon after gather for the next. */
  readonly gapMs: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export function createGroupWriter<Item, Result>({
  clock,
  writeAll,
  maxGroup,
  maxWaiting,
  gapMs,
}: GroupWriterOptions<Item, Result>): GroupWriter<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  const pace = createPace(clock, gapMs);
  let isWriting = false;
  const drain = async (): Promise<void> => {
    if (isWriting) {
      return;
    }
    isWriting = true;
    while (waiting.length > 0) {
      await (waiting.length < maxGroup ? pace() : undefined);
      await writeGroup(writeAll, waiting.splice(0, maxGroup));
    }
    isWriting = false;
  };
  return {
    write: (item) => {
      if (waiting.length >= maxWaiting) {
        return Promise.reject(
          new TransientError("OVERLOADED", "Too many changes of cases wait", {
            expected: `at most ${String(maxWaiting)}`,
          }),
        );
      }
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        void drain();
      });
    },
  };
}

/** Never throws: everybody in the group is told. */
async function writeGroup<Item, Result>(
  writeAll: GroupWriterOptions<Item, Result>["writeAll"],
  group: readonly Waiting<Item, Result>[],
): Promise<void> {
  try {
    const results = await writeAll(group.map(({ item }) => item));
    group.forEach(({ resolve }, index) => resolve(results[index] as Result));
  } catch (error) {
    if (group.length === 1 || error instanceof TransientError || isConnectionLoss(error)) {
      group.forEach(({ reject }) => reject(error));
      return;
    }
    for (const one of group) {
      await writeGroup(writeAll, [one]);
    }
  }
}
