/** The town at the brain's start. */
import { type Clock, PermanentError } from "../../../protocol/index.ts";
import { createLocalClock } from "./duty.ts";
import { importTown } from "./import-town.ts";
import { describeProblem, TownInvalidError } from "./problems.ts";
import { EMPTY_TOWN } from "./town.ts";
import { parseTown } from "./town-files.ts";
import { loadTownFolder } from "./town-folder.ts";
import { openTown, type TownHolder, type TownHolderInput } from "./town-holder.ts";

export interface StartTownInput extends TownHolderInput {
  readonly newId: () => string;
  /** Imported where the database has no town yet. */
  readonly folder: string | undefined;
}

/** @throws PermanentError CONFIG_INVALID when the folder's files are not sound; each mistake is logged. */
export async function startTown(input: StartTownInput): Promise<TownHolder> {
  const holder = await openTown(input);
  if (input.folder === undefined || holder.current().version > 0) {
    return holder;
  }
  const { log, clock, folder } = input;
  try {
    const { record, warnings } = parseTown(await loadTownFolder(folder), todayOf(clock));
    warnings.forEach((warning) => log.warn({}, describeProblem(warning)));
    const imported = await importTown({ ...input, record, actor: "system", onlyFirst: true });
    log.info({ folder, version: imported.version }, "The town was imported");
  } catch (error) {
    if (error instanceof TownInvalidError) {
      error.problems.forEach((problem) => log.warn({}, describeProblem(problem)));
      throw new PermanentError("CONFIG_INVALID", error.message, { where: folder }, error);
    }
    throw error;
  }
  await holder.reload();
  return holder;
}

/** In the zone of towns that do not say otherwise; only reminders of due days depend on it. */
export function todayOf(clock: Clock): string {
  return createLocalClock(EMPTY_TOWN.settings.timeZone)(clock.now()).date;
}
