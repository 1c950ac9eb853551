/** The town in force: read once, and again whenever an import says so. */
import type { Kysely } from "kysely";
import type { Clock } from "../../../protocol/index.ts";
import { type Log, type Schema, transaction } from "../../store/index.ts";
import { createTown, EMPTY_TOWN, type Town } from "./town.ts";
import { readTown } from "./town-store.ts";

export interface TownHolder {
  readonly current: () => Town;
  /** Reads the newest version; of calls that overlap, one more reading serves all. */
  readonly reload: () => Promise<void>;
}

export interface TownHolderInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly log: Log;
}

export async function openTown({ db, clock, log }: TownHolderInput): Promise<TownHolder> {
  const read = async (): Promise<Town> => {
    const stored = await transaction(db, readTown, { clock, isolation: "repeatable read" });
    return createTown(stored?.record ?? EMPTY_TOWN, stored?.version ?? 0);
  };
  let town = await read();
  let reading: Promise<void> | undefined;
  let isStale = false;
  const readAgain = async (): Promise<void> => {
    do {
      isStale = false;
      const next = await read();
      if (next.version !== town.version) {
        log.info({ version: next.version }, "The directory of the town was read again");
      }
      town = next;
      // A call that came while reading may know of something newer.
    } while (isStale as boolean);
  };
  return {
    current: () => town,
    reload: () => {
      isStale = true;
      reading ??= readAgain().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}
