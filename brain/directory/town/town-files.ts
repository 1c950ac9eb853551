/** A town as files, and files as a town. Reading what was printed gives the same town again. */
import {
  cameraRefOf,
  type TownRecord,
  type TownSettings,
  townSettingsSchema,
} from "../../../protocol/index.ts";
import { checkAreas } from "./check-areas.ts";
import { checkCameras, isPermittedSite } from "./check-cameras.ts";
import { checkLinks, type LocatedTown } from "./check-links.ts";
import { parseCsv, printCsv } from "./csv.ts";
import {
  CAMERAS_FILE,
  GRIDS_FILE,
  printAreas,
  printCameras,
  readAreas,
  readCameras,
} from "./geojson.ts";
import { type Located, parseAt, refuseDoubles } from "./located.ts";
import { type Report, TownInvalidError, type TownProblem, TownProblems } from "./problems.ts";
import {
  compareText,
  daySheet,
  departmentSheet,
  hoursSheet,
  lineSheet,
  neighbourSheet,
  responderSheet,
  routingSheet,
  SETTINGS_COLUMNS,
  SETTINGS_FILE,
  type Sheet,
  shiftSheet,
  unitSheet,
} from "./sheets.ts";
import { decodeText } from "./text-file.ts";

export const TOWN_FILES: readonly string[] = [
  SETTINGS_FILE,
  GRIDS_FILE,
  ...[departmentSheet, unitSheet, lineSheet].map(({ file }) => file),
  CAMERAS_FILE,
  ...[neighbourSheet, responderSheet, shiftSheet, hoursSheet, daySheet].map(({ file }) => file),
  routingSheet.file,
];
/** A folder without it leaves the routing in force as it is. */
const OPTIONAL_FILES: readonly string[] = [routingSheet.file];

/** Text of each file by name, as printed. */
export type TownTexts = ReadonlyMap<string, string>;

export interface ReadTown {
  readonly record: TownRecord;
  readonly warnings: readonly TownProblem[];
}

/**
 * @param files bytes by name; a file that is absent must be said to be so by leaving it out.
 * @param today local date `YYYY-MM-DD`, for what falls due.
 * @throws TownInvalidError with everything that is wrong.
 */
export function parseTown(files: ReadonlyMap<string, Uint8Array>, today: string): ReadTown {
  const problems = new TownProblems();
  const texts = decodeAll(files, problems.error);
  const settings = readSettings(texts, problems.error);
  const town = readLists(texts, problems.error);
  checkAreas(town.areas, problems);
  checkCameras(town.cameras, today, problems);
  checkLinks(town, problems);
  if (problems.hasErrors || settings === undefined) {
    throw new TownInvalidError(problems.list);
  }
  const { routing, ...record } = inOrder(settings, town);
  const saysRouting = files.has(routingSheet.file);
  return { record: { ...record, ...(saysRouting && { routing }) }, warnings: problems.list };
}

function decodeAll(files: ReadonlyMap<string, Uint8Array>, report: Report): Map<string, string> {
  const texts = new Map<string, string>();
  for (const file of TOWN_FILES) {
    const bytes = files.get(file);
    if (bytes === undefined && OPTIONAL_FILES.includes(file)) {
      continue;
    }
    if (bytes === undefined) {
      report({ where: file, message: "the file is missing", expected: "a readable file" });
      continue;
    }
    const text = decodeText(file, bytes, report);
    if (text !== undefined) {
      texts.set(file, text);
    }
  }
  return texts;
}

export function readSettings(texts: TownTexts, report: Report): TownSettings | undefined {
  const text = texts.get(SETTINGS_FILE);
  const rows =
    text === undefined ? undefined : parseCsv(SETTINGS_FILE, text, SETTINGS_COLUMNS, report);
  if (rows === undefined) {
    return undefined;
  }
  const entries = rows.map(({ cells }) => {
    const [name, value] = [cells["name"] ?? "", cells["value"] ?? ""];
    return [name, name === "nearestGridM" && value !== "" ? Number(value) : value] as const;
  });
  return parseAt(townSettingsSchema, Object.fromEntries(entries), SETTINGS_FILE, report)?.value;
}

function readLists(texts: TownTexts, report: Report): LocatedTown {
  const sheet = <Row>(of: Sheet<Row>): Located<Row>[] => readSheet(of, texts.get(of.file), report);
  const areas = readAreas(texts.get(GRIDS_FILE) ?? EMPTY, report);
  const cameras = readCameras(texts.get(CAMERAS_FILE) ?? EMPTY, report, (properties, where) =>
    isPermittedSite(properties, where, report),
  );
  return {
    areas: refuseDoubles(areas, (area) => area.code, report),
    departments: sheet(departmentSheet),
    units: sheet(unitSheet),
    lines: sheet(lineSheet),
    cameras: refuseDoubles(cameras, (row) => cameraRefOf(row.nodeId, row.cameraId), report),
    neighbours: sheet(neighbourSheet),
    responders: sheet(responderSheet),
    shifts: sheet(shiftSheet),
    hours: sheet(hoursSheet),
    days: sheet(daySheet),
    routing: sheet(routingSheet),
  };
}

export function readSheet<Row>(
  of: Sheet<Row>,
  text: string | undefined,
  report: Report,
): Located<Row>[] {
  const rows =
    text === undefined ? [] : (parseCsv(of.file, text, of.columns, report, of.optional) ?? []);
  const found = rows.flatMap(
    ({ line, cells }) => parseAt(of.schema, of.read(cells), `${of.file}:${line}`, report) ?? [],
  );
  return refuseDoubles(found, of.keyOf, report);
}

/** Stands for a file whose absence has been reported. */
const EMPTY = '{"type":"FeatureCollection","features":[]}';

function inOrder(settings: TownSettings, town: LocatedTown): Required<TownRecord> {
  const sorted = <T>(items: readonly Located<T>[], keyOf: (value: T) => string): T[] =>
    sortBy(
      items.map(({ value }) => value),
      keyOf,
    );
  return {
    settings,
    areas: sorted(town.areas, (area) => area.code),
    departments: sorted(town.departments, departmentSheet.keyOf),
    units: sorted(town.units, unitSheet.keyOf),
    lines: sorted(town.lines, lineSheet.keyOf),
    cameras: sorted(town.cameras, (camera) => cameraRefOf(camera.nodeId, camera.cameraId)),
    neighbours: sorted(town.neighbours, neighbourSheet.keyOf),
    responders: sorted(town.responders, responderSheet.keyOf),
    shifts: sorted(town.shifts, shiftSheet.keyOf),
    hours: sorted(town.hours, hoursSheet.keyOf),
    days: sorted(town.days, daySheet.keyOf),
    routing: sorted(town.routing, routingSheet.keyOf),
  };
}

export function sortBy<T>(items: readonly T[], keyOf: (value: T) => string): T[] {
  return [...items].sort((a, b) => compareText(keyOf(a), keyOf(b)));
}

/** The one way in which a town is written, down to the byte. Lists must be in canonical order. */
export function printTown(record: TownRecord): TownTexts {
  const sheet = <Row>(of: Sheet<Row>, rows: readonly Row[]): [string, string] => [
    of.file,
    printCsv(of.columns, rows.map(of.write)),
  ];
  const { timeZone, nearestGridM } = record.settings;
  return new Map([
    [
      SETTINGS_FILE,
      printCsv(SETTINGS_COLUMNS, [
        { name: "nearestGridM", value: String(nearestGridM) },
        { name: "timeZone", value: timeZone },
      ]),
    ],
    [GRIDS_FILE, printAreas(record.areas)],
    [CAMERAS_FILE, printCameras(record.cameras)],
    sheet(departmentSheet, record.departments),
    sheet(unitSheet, record.units),
    sheet(lineSheet, record.lines),
    sheet(neighbourSheet, record.neighbours),
    sheet(responderSheet, record.responders),
    sheet(shiftSheet, record.shifts),
    sheet(hoursSheet, record.hours),
    sheet(daySheet, record.days),
    ...(record.routing === undefined ? [] : [sheet(routingSheet, record.routing)]),
  ]);
}
