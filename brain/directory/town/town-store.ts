/** A town in the database: one statement per table, however many rows. */
import { type Kysely, sql, type Transaction } from "kysely";
import {
  cameraRefOf,
  type DisposalUnit,
  type Responder,
  type RoutingRule,
  type TownDepartment,
  type TownLine,
  type Area,
  type TownRecord,
  type TownSettings,
} from "../../../protocol/index.ts";
import type { Schema } from "../../store/index.ts";
import { parentCodeOf } from "./check-areas.ts";
import {
  daySheet,
  departmentSheet,
  hoursSheet,
  lineSheet,
  neighbourSheet,
  responderSheet,
  routingSheet,
  shiftSheet,
  unitSheet,
} from "./sheets.ts";
import { sortBy } from "./town-files.ts";

type Row = Readonly<Record<string, unknown>>;

/** A table whose rows outlive their entry in the directory. */
interface KeptTable {
  readonly table: keyof Schema;
  readonly key: readonly string[];
  readonly columns: readonly string[];
  /** Column that says whether the row is in the directory. */
  readonly flag: string;
  readonly rowsOf: (town: TownRecord) => readonly Row[];
}

const KEPT: readonly KeptTable[] = [
  {
    table: "area",
    key: ["code"],
    columns: ["level", "parent", "scheme", "zh", "en", "geometry"],
    flag: "enabled",
    rowsOf: ({ areas }) =>
      areas.map((area) => ({ ...area, parent: parentCodeOf(area.code) ?? null })),
  },
  {
    table: "department",
    key: ["code"],
    columns: ["id", "zh", "en", "note", "contact", "phone", "disabled"],
    flag: "enabled",
    rowsOf: ({ departments }) => departments,
  },
  {
    table: "disposal_unit",
    key: ["code"],
    columns: ["department", "kind", "zh", "en", "phone"],
    flag: "enabled",
    rowsOf: ({ units }) => units,
  },
  {
    table: "business_line",
    key: ["code"],
    columns: ["zh", "en", "video_link", "enabled"],
    flag: "listed",
    rowsOf: ({ lines }) => lines.map((line) => ({ ...line, video_link: line.videoLink })),
  },
  {
    table: "camera_registration",
    key: ["node_id", "camera_id"],
    columns: ["active", "lat", "lon", "in_use_since", "filed_on", "record"],
    flag: "enabled",
    rowsOf: ({ cameras }) =>
      cameras.map((camera) => ({
        node_id: camera.nodeId,
        camera_id: camera.cameraId,
        active: camera.active,
        lon: camera.position[0],
        lat: camera.position[1],
        in_use_since: camera.inUseSince,
        filed_on: camera.filedOn,
        record: camera,
      })),
  },
  {
    table: "responder",
    key: ["id"],
    columns: ["department", "unit", "name", "duty", "phone"],
    flag: "enabled",
    rowsOf: ({ responders }) =>
      responders.map((row) => ({ ...row, unit: row.unit === "" ? null : row.unit })),
  },
];

/** A table that holds the newest import and nothing else. */
interface ReplacedTable {
  readonly table: keyof Schema;
  readonly columns: readonly string[];
  readonly rowsOf: (town: TownRecord) => readonly Row[];
}

const spanOf = (row: { readonly from: string; readonly to: string }): Row => ({
  ...row,
  from_time: row.from,
  to_time: row.to,
});

const REPLACED: readonly ReplacedTable[] = [
  {
    table: "camera_neighbour",
    columns: ["from_camera", "to_camera", "min_s", "typical_s", "max_s"],
    rowsOf: ({ neighbours }) =>
      neighbours.map(({ from, to, minS, typicalS, maxS }) => ({
        from_camera: from,
        to_camera: to,
        min_s: minS,
        typical_s: typicalS,
        max_s: maxS,
      })),
  },
  {
    table: "duty_shift",
    columns: [
      ...["responder", "area", "rank", "days"],
      ...["from_time", "to_time", "first_day", "last_day"],
    ],
    rowsOf: ({ shifts }) =>
      shifts.map((shift) => ({
        ...spanOf(shift),
        first_day: shift.firstDay,
        last_day: shift.lastDay,
      })),
  },
  {
    table: "working_hours",
    columns: ["day", "from_time", "to_time"],
    rowsOf: ({ hours }) => hours.map(spanOf),
  },
  { table: "calendar_day", columns: ["date", "kind", "name"], rowsOf: ({ days }) => days },
  {
    table: "routing_rule",
    columns: ["event_type", "area", "lead", "unit", "co"],
    rowsOf: ({ routing = [] }) =>
      routing.map(({ eventType, unit, ...rule }) => ({
        ...rule,
        event_type: eventType,
        unit: unit === "" ? null : unit,
      })),
  },
];

export async function writeTown(tx: Transaction<Schema>, town: TownRecord): Promise<void> {
  for (const { table } of REPLACED) {
    await tx.deleteFrom(table).execute();
  }
  for (const kept of KEPT) {
    await putKept(tx, kept, kept.rowsOf(town));
  }
  for (const { table, columns, rowsOf } of REPLACED) {
    await sql`insert into ${sql.table(table)} (${refs(columns)})
      select ${refs(columns)} from ${rowSource(table, rowsOf(town))}`.execute(tx);
  }
}

/** New and changed rows are written, those that left are marked; nothing else is touched. */
async function putKept(
  tx: Transaction<Schema>,
  { table, key, columns, flag }: KeptTable,
  rows: readonly Row[],
): Promise<void> {
  const written = [...columns, flag];
  const listed = rows.map((row) => ({ ...row, [flag]: true }));
  const excluded = written.map((column) => sql.ref(`excluded.${column}`));
  const current = written.map((column) => sql.ref(`${table}.${column}`));
  await sql`insert into ${sql.table(table)} (${refs([...key, ...written])})
    select ${refs([...key, ...written])} from ${rowSource(table, listed)}
    on conflict (${refs(key)}) do update
      set (${refs(written)}) = row(${sql.join(excluded)})
      where (${sql.join(current)}) is distinct from (${sql.join(excluded)})`.execute(tx);
  await sql`update ${sql.table(table)} as kept set ${sql.ref(flag)} = false
    where kept.${sql.ref(flag)} and not exists (
      select 1 from ${rowSource(table, listed)}
      where ${sql.join(
        key.map((column) => sql`kept.${sql.ref(column)} = source.${sql.ref(column)}`),
        sql` and `,
      )}
    )`.execute(tx);
}

const refs = (columns: readonly string[]) => sql.join(columns.map((column) => sql.ref(column)));

/** All rows in one parameter, typed by their table. */
function rowSource(table: string, rows: readonly Row[]) {
  const text = JSON.stringify(rows);
  return sql`jsonb_populate_recordset(null::${sql.table(table)}, ${text}::jsonb) as source`;
}

export interface StoredTown {
  /** Rises with every import that changed something. */
  readonly version: number;
  readonly record: TownRecord;
}

/** Undefined while no town has been imported. Read it in one snapshot: repeatable read. */
export async function readTown(db: Kysely<Schema>): Promise<StoredTown | undefined> {
  const newest = await db
    .selectFrom("directory_import")
    .select(["version", "settings"])
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  return newest === undefined
    ? undefined
    : { version: newest.version, record: await readLists(db, newest.settings) };
}

async function readLists(db: Kysely<Schema>, settings: TownSettings): Promise<TownRecord> {
  const { areas, departments, units, lines } = await readPlaces(db);
  const cameras = await db
    .selectFrom("camera_registration")
    .select("record")
    .where("enabled", "=", true)
    .execute();
  return {
    settings,
    areas: sortBy(areas, (area) => area.code),
    departments: sortBy(departments, departmentSheet.keyOf),
    units: sortBy(units, unitSheet.keyOf),
    lines: sortBy(lines, lineSheet.keyOf),
    cameras: sortBy(
      cameras.map((row) => row.record),
      (camera) => cameraRefOf(camera.nodeId, camera.cameraId),
    ),
    ...(await readPeople(db)),
    ...(await readCalendar(db)),
    routing: await readRouting(db),
  };
}

async function readPlaces(db: Kysely<Schema>): Promise<{
  areas: Area[];
  departments: TownDepartment[];
  units: DisposalUnit[];
  lines: TownLine[];
}> {
  const areas = await db
    .selectFrom("area")
    .select(["level", "code", "scheme", "zh", "en", "geometry"])
    .where("enabled", "=", true)
    .execute();
  const departments = await db
    .selectFrom("department")
    .select(["code", "id", "zh", "en", "note", "contact", "phone", "disabled"])
    .where("enabled", "=", true)
    .execute();
  const units = await db
    .selectFrom("disposal_unit")
    .select(["code", "department", "kind", "zh", "en", "phone"])
    .where("enabled", "=", true)
    .execute();
  const lines = await db
    .selectFrom("business_line")
    .select(["code", "zh", "en", "video_link as videoLink", "enabled"])
    .where("listed", "=", true)
    .execute();
  return {
    areas: areas as Area[],
    departments: departments as TownDepartment[],
    units: units as DisposalUnit[],
    lines: lines as TownLine[],
  };
}

async function readPeople(
  db: Kysely<Schema>,
): Promise<Pick<TownRecord, "neighbours" | "responders" | "shifts">> {
  const neighbours = await db.selectFrom("camera_neighbour").selectAll().execute();
  const responders = await db
    .selectFrom("responder")
    .select(["id", "department", "unit", "name", "duty", "phone"])
    .where("enabled", "=", true)
    .execute();
  const shifts = await db.selectFrom("duty_shift").selectAll().execute();
  return {
    neighbours: sortBy(
      neighbours.map((row) => ({
        from: row.from_camera,
        to: row.to_camera,
        minS: row.min_s,
        typicalS: row.typical_s,
        maxS: row.max_s,
      })),
      neighbourSheet.keyOf,
    ),
    responders: sortBy(
      responders.map((row) => ({ ...row, unit: row.unit ?? "" }) as Responder),
      responderSheet.keyOf,
    ),
    shifts: sortBy(
      shifts.map(({ responder, area, rank, days, ...row }) => ({
        ...{ responder, area, rank, days },
        from: row.from_time,
        to: row.to_time,
        firstDay: row.first_day,
        lastDay: row.last_day,
      })),
      shiftSheet.keyOf,
    ),
  };
}

async function readRouting(db: Kysely<Schema>): Promise<RoutingRule[]> {
  const rules = await db.selectFrom("routing_rule").selectAll().execute();
  return sortBy(
    rules.map(
      ({ event_type, unit, ...rule }) =>
        ({ eventType: event_type, ...rule, unit: unit ?? "" }) as RoutingRule,
    ),
    routingSheet.keyOf,
  );
}

async function readCalendar(db: Kysely<Schema>): Promise<Pick<TownRecord, "hours" | "days">> {
  const hours = await db.selectFrom("working_hours").selectAll().execute();
  const days = await db.selectFrom("calendar_day").selectAll().execute();
  return {
    hours: sortBy(
      hours.map((row) => ({ day: row.day, from: row.from_time, to: row.to_time })),
      hoursSheet.keyOf,
    ),
    days: sortBy(days, daySheet.keyOf),
  };
}
