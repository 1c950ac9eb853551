/** The town's tables as CSV: columns, how a row becomes a record, and how it is written again. */
import type { z } from "zod";
import {
  calendarDaySchema,
  type CalendarDay,
  cameraNeighbourSchema,
  type CameraNeighbour,
  disposalUnitSchema,
  type DisposalUnit,
  dutyShiftSchema,
  type DutyShift,
  responderSchema,
  type Responder,
  routingRuleSchema,
  type RoutingRule,
  townDepartmentSchema,
  type TownDepartment,
  townLineSchema,
  type TownLine,
  workingHoursSchema,
  type WorkingHours,
} from "../../../protocol/index.ts";

type Cells = Readonly<Record<string, string>>;

export interface Sheet<Row> {
  readonly file: string;
  readonly columns: readonly string[];
  /** Columns that a file may lack. */
  readonly optional?: readonly string[];
  readonly schema: z.ZodType<Row>;
  /** Values for the schema: numbers, booleans and absences where the text means them. */
  readonly read: (cells: Cells) => object;
  readonly write: (row: Row) => Cells;
  /** What makes a row one of its kind; rows are kept in this order. */
  readonly keyOf: (row: Row) => string;
}

/** A number, or the text as it is, which the schema then refuses with a number expected. */
const numberIn = (cell: string | undefined): unknown =>
  cell !== undefined && /^-?\d+(?:\.\d+)?(?:e-?\d+)?$/.test(cell) ? Number(cell) : cell;
const booleanIn = (cell: string | undefined): unknown =>
  ({ yes: true, no: false })[(cell ?? "").toLowerCase()] ?? cell;
const nullable = (cell: string | undefined): unknown => (cell === "" ? null : cell);
/** Spreadsheets drop the zero of `08:00` and like to add seconds. */
const timeIn = (cell: string | undefined): unknown =>
  cell?.replace(/^(\d):/, "0$1:").replace(/^(\d\d:\d\d):00$/, "$1");

/** `2026/1/5`, as spreadsheets rewrite it, is 2026-01-05; an empty cell is no date. */
const dateIn = (cell: string | undefined): unknown => {
  const parts = /^(\d{4})[/-](\d{1,2})[/-](\d{1,2})$/.exec(cell ?? "")?.slice(1);
  return parts?.map((part) => part.padStart(2, "0")).join("-") ?? nullable(cell);
};

export const departmentSheet: Sheet<TownDepartment> = {
  file: "departments.csv",
  columns: ["code", "id", "zh", "en", "note", "contact", "phone", "disabled"],
  optional: ["contact", "phone", "disabled"],
  schema: townDepartmentSchema,
  read: (cells) => cells,
  write: (row) => row,
  keyOf: (row) => row.code,
};

export const unitSheet: Sheet<DisposalUnit> = {
  file: "units.csv",
  columns: ["code", "department", "kind", "zh", "en", "phone"],
  schema: disposalUnitSchema,
  read: (cells) => cells,
  write: (row) => row,
  keyOf: (row) => row.code,
};

export const lineSheet: Sheet<TownLine> = {
  file: "lines.csv",
  columns: ["code", "zh", "en", "videoLink", "enabled"],
  schema: townLineSchema,
  read: (cells) => ({ ...cells, enabled: booleanIn(cells["enabled"]) }),
  write: (row) => ({ ...row, enabled: row.enabled ? "yes" : "no" }),
  keyOf: (row) => row.code,
};

export const neighbourSheet: Sheet<CameraNeighbour> = {
  file: "neighbours.csv",
  columns: ["from", "to", "minS", "typicalS", "maxS"],
  schema: cameraNeighbourSchema,
  read: (cells) => ({
    ...cells,
    minS: numberIn(cells["minS"]),
    typicalS: numberIn(cells["typicalS"]),
    maxS: numberIn(cells["maxS"]),
  }),
  write: ({ from, to, minS, typicalS, maxS }) => ({
    from,
    to,
    minS: String(minS),
    typicalS: String(typicalS),
    maxS: String(maxS),
  }),
  keyOf: (row) => `${row.from} ${row.to}`,
};

export const responderSheet: Sheet<Responder> = {
  file: "responders.csv",
  columns: ["id", "department", "unit", "name", "duty", "phone"],
  schema: responderSchema,
  read: (cells) => cells,
  write: (row) => row,
  keyOf: (row) => row.id,
};

export const shiftSheet: Sheet<DutyShift> = {
  file: "roster.csv",
  columns: ["responder", "area", "rank", "days", "from", "to", "firstDay", "lastDay"],
  schema: dutyShiftSchema,
  read: (cells) => ({
    ...cells,
    rank: numberIn(cells["rank"]),
    from: timeIn(cells["from"]),
    to: timeIn(cells["to"]),
    firstDay: dateIn(cells["firstDay"]),
    lastDay: dateIn(cells["lastDay"]),
  }),
  write: (row) => ({
    ...row,
    rank: String(row.rank),
    firstDay: row.firstDay ?? "",
    lastDay: row.lastDay ?? "",
  }),
  keyOf: ({ area, responder, days, from, to, firstDay, lastDay }) =>
    [area, responder, firstDay ?? "", lastDay ?? "", days, from, to].join(" "),
};

export const hoursSheet: Sheet<WorkingHours> = {
  file: "working-hours.csv",
  columns: ["day", "from", "to"],
  schema: workingHoursSchema,
  read: (cells) => ({
    day: numberIn(cells["day"]),
    from: timeIn(cells["from"]),
    to: timeIn(cells["to"]),
  }),
  write: (row) => ({ ...row, day: String(row.day) }),
  keyOf: (row) => `${row.day} ${row.from}`,
};

export const daySheet: Sheet<CalendarDay> = {
  file: "calendar.csv",
  columns: ["date", "kind", "name"],
  schema: calendarDaySchema,
  read: (cells) => ({ ...cells, date: dateIn(cells["date"]) }),
  write: (row) => row,
  keyOf: (row) => row.date,
};

/** Stands for nobody; an empty cell stands for those whom the catalogue names. */
const NOBODY = "none";

export const routingSheet: Sheet<RoutingRule> = {
  file: "routing.csv",
  columns: ["eventType", "area", "lead", "unit", "co"],
  schema: routingRuleSchema,
  read: ({ co = "", ...cells }) => ({
    ...cells,
    co: co === "" ? null : co === NOBODY ? [] : co.split(/[\s;、]+/),
  }),
  write: ({ co, ...row }) => ({
    ...row,
    co: co === null ? "" : co.length === 0 ? NOBODY : co.join(" "),
  }),
  keyOf: (row) => `${row.eventType} ${row.area}`,
};

/** One row per setting; which there are is up to their schema. */
export const SETTINGS_FILE = "settings.csv";
export const SETTINGS_COLUMNS = ["name", "value"] as const;

/** Order by code units: the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
