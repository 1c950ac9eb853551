/**
 * Changes of the directory in the control room. They take the way of an import: checked as files
 * are, one transaction, one version, and every brain reads it. Grids and cameras are not looked at
 * again, as nothing of them changes here.
 */
import {
  catalogue,
  type DirectoryEditAnswer,
  type EditableFile,
  PermanentError,
  type TownRecord,
  townDepartmentSchema,
  townLineSchema,
} from "../../../protocol/index.ts";
import { transaction } from "../../store/index.ts";
import { checkLinks, type LocatedTown } from "../town/check-links.ts";
import { importTown } from "../town/import-town.ts";
import type { Located } from "../town/located.ts";
import { TownInvalidError, TownProblems } from "../town/problems.ts";
import {
  daySheet,
  departmentSheet,
  hoursSheet,
  responderSheet,
  routingSheet,
  SETTINGS_FILE,
  shiftSheet,
  unitSheet,
} from "../town/sheets.ts";
import { EMPTY_TOWN } from "../town/town.ts";
import { readSettings, readSheet, sortBy } from "../town/town-files.ts";
import { readTown } from "../town/town-store.ts";
import type { AdminInput, By } from "./deps.ts";

export interface TownEdit {
  readonly expectedVersion: number;
  readonly reason: string;
  readonly dryRun?: boolean;
}

/** @returns the town as it shall be; problems of what is new are reported. */
export type Edit = (record: TownRecord, problems: TownProblems) => TownRecord;

/**
 * @throws PermanentError DIRECTORY_INVALID with the first problem where it is no dry run,
 * DEPARTMENT_IN_USE and VERSION_STALE.
 */
export async function editTown(
  input: AdminInput,
  { expectedVersion, reason, dryRun = false }: TownEdit,
  edit: Edit,
  by: By,
): Promise<DirectoryEditAnswer> {
  const { db, clock, newId } = input;
  const stored = await transaction(db, readTown, { clock, isolation: "repeatable read" });
  const version = stored?.version ?? 0;
  const problems = new TownProblems();
  const record = edit(stored?.record ?? firstTown(), problems);
  checkLinks(locate(record), problems);
  if (problems.hasErrors) {
    if (!dryRun) {
      throw new TownInvalidError(problems.list);
    }
    return { outcome: "refused", version, changes: [], problems: [...problems.list] };
  }
  const made = await importTown({
    ...{ db, clock, newId, record, expectedVersion, reason, dryRun },
    ...{ actor: by.actor, address: by.address },
  });
  await input.reloadTown();
  return {
    outcome: made.outcome,
    version: made.outcome === "tried" ? version : made.version,
    changes: [...made.changes],
    problems: [...problems.list],
  };
}

/** Before any import the catalogue is in force: a first change starts from it. */
function firstTown(): TownRecord {
  return {
    ...EMPTY_TOWN,
    departments: sortBy(
      catalogue.departments.map(({ code, id, zh, en, note }) =>
        townDepartmentSchema.parse({ code, id, zh, en, note }),
      ),
      departmentSheet.keyOf,
    ),
    lines: sortBy(
      catalogue.lines.map((line) => townLineSchema.parse(line)),
      (line) => line.code,
    ),
  };
}

/** The lists with words for where an entry is. */
function locate({ routing = [], ...lists }: TownRecord): LocatedTown {
  const at = <T>(items: readonly T[], where: (item: T) => string): Located<T>[] =>
    items.map((value) => ({ value, where: where(value) }));
  return {
    areas: at(lists.areas, ({ code }) => `grids.geojson ${code}`),
    departments: at(lists.departments, ({ code }) => `departments.csv ${code}`),
    units: at(lists.units, ({ code }) => `units.csv ${code}`),
    lines: at(lists.lines, ({ code }) => `lines.csv ${code}`),
    cameras: at(lists.cameras, ({ cameraId }) => `cameras.geojson ${cameraId}`),
    neighbours: at(lists.neighbours, ({ from }) => `neighbours.csv ${from}`),
    responders: at(lists.responders, ({ id }) => `responders.csv ${id}`),
    shifts: at(lists.shifts, (row) => `roster.csv ${shiftSheet.keyOf(row)}`),
    hours: at(lists.hours, (row) => `working-hours.csv ${hoursSheet.keyOf(row)}`),
    days: at(lists.days, ({ date }) => `calendar.csv ${date}`),
    routing: at(routing, (row) => `routing.csv ${routingSheet.keyOf(row)}`),
  };
}

/** A whole file in place of the one of before. */
export function replaceFile(file: EditableFile, text: string): Edit {
  return (record, problems) => {
    const read = <Row>(of: Parameters<typeof readSheet<Row>>[0]): Row[] =>
      sortBy(
        readSheet(of, text, problems.error).map(({ value }) => value),
        of.keyOf,
      );
    switch (file) {
      case "departments.csv":
        return { ...record, departments: read(departmentSheet) };
      case "units.csv":
        return { ...record, units: read(unitSheet) };
      case "routing.csv":
        return { ...record, routing: read(routingSheet) };
      case "responders.csv":
        return { ...record, responders: read(responderSheet) };
      case "roster.csv":
        return { ...record, shifts: read(shiftSheet) };
      case "working-hours.csv":
        return { ...record, hours: read(hoursSheet) };
      case "calendar.csv":
        return { ...record, days: read(daySheet) };
      case "settings.csv": {
        const settings = readSettings(new Map([[SETTINGS_FILE, text]]), problems.error);
        return { ...record, settings: settings ?? record.settings };
      }
    }
  };
}

/** @throws PermanentError NOT_FOUND */
export function withoutDepartment(code: string): Edit {
  return (record) => {
    const departments = record.departments.filter((one) => one.code !== code);
    if (departments.length === record.departments.length) {
      throw new PermanentError("NOT_FOUND", "There is no such department", { where: code });
    }
    return { ...record, departments };
  };
}
