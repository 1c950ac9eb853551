/** The town's directory: from files to the database, and from there into memory. */
export { isPermittedSite } from "./check-cameras.ts";
export type { OnDuty } from "./duty.ts";
export { createGridIndex, type GridHit, type GridIndex, type GridShape } from "./grid-index.ts";
export { handOverToHub, type HandOverInput, type OpenTask, openTasksOf } from "./hand-over.ts";
export {
  DIRECTORY_CHANNEL,
  type FileChange,
  importTown,
  type ImportTownInput,
  type TownImport,
} from "./import-town.ts";
export { describeProblem, TownInvalidError, type TownProblem } from "./problems.ts";
export { startTown, type StartTownInput, todayOf } from "./start-town.ts";
export {
  createTown,
  type DueFiling,
  EMPTY_TOWN,
  type LocatedEvent,
  type Registration,
  type Town,
} from "./town.ts";
export { parseTown, printTown, type ReadTown, TOWN_FILES, type TownTexts } from "./town-files.ts";
export { loadTownFolder, saveTownFolder } from "./town-folder.ts";
export { openTown, type TownHolder } from "./town-holder.ts";
export { readTown, type StoredTown } from "./town-store.ts";
