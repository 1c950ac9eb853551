/** Reads the figures from the tables of cases, alarms and tasks. */
import { type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import {
  type ClockFigure,
  type EpochMs,
  type Figures,
  formatTime,
  type GroupFigure,
  PERSON_NODE,
} from "../../protocol/index.ts";
import { type CaseScope, inScope, isEverything, type Schema } from "../store/index.ts";

const DAY_MS = 86_400_000;
const LOUDEST = 50;
/** Nobody waits for these any more: their open clocks are not late. */
const DROPPED = sql`('REJECTED', 'MERGED', 'CANCELLED')`;
const SOLVED = sql`('CLOSED', 'EVALUATED', 'ARCHIVED')`;
/** Stars from which somebody is content. */
const CONTENT_STARS = 4;

export interface FigureQuery {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly now: EpochMs;
  readonly scope: CaseScope;
  /** IANA name. */
  readonly timeZone: string;
}

type Reader = Transaction<Schema>;

/** All figures of one moment. `days` counts the whole span, also where no case was reported. */
export function readFigures(db: Kysely<Schema>, query: FigureQuery): Promise<Figures> {
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (tx) => {
      const groups = await readGroups(tx, query);
      const days = await readDays(tx, query);
      const machine = days.reduce((sum, day) => sum + day.machine, 0);
      const people = days.reduce((sum, day) => sum + day.people, 0);
      return {
        from: formatTime(query.from),
        to: formatTime(query.to),
        asOf: formatTime(query.now),
        ...groups,
        days,
        discovery: { machine, people, rate: shareOf(machine, machine + people) },
        alarms: await readAlarms(tx, query),
        verdicts: await readVerdicts(tx, query),
        work: await readWork(tx, query),
      };
    });
}

export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Cases of the time and scope, without those that turned out to be another's. */
function casesOf({ from, to, scope }: FigureQuery): RawBuilder<unknown> {
  const { department, jurisdiction } = scope;
  const own =
    department === null
      ? sql`true`
      : sql`exists (select 1 from task where task.case_id = case_file.id
          and task.department = ${department} and task.state not in ('RETURNED', 'WITHDRAWN'))`;
  const near =
    jurisdiction === null
      ? sql`true`
      : sql`case_file.location ->> 'gridCode' like ${`${jurisdiction}%`}`;
  return sql`(select case_file.*, case_file.location ->> 'gridCode' as grid from case_file
    where reported_at >= ${new Date(from)} and reported_at < ${new Date(to)}
      and state <> 'MERGED' and ${own} and ${near})`;
}

interface GroupRow {
  readonly kind: number;
  readonly grid: string | null;
  readonly lead: string | null;
  readonly event_type: string | null;
  readonly cases: number;
  readonly [figure: string]: number | string | null;
}

const CLOCKS = [
  { name: "report", start: "onset", end: "reported_at", limit: "report_limit_ms" },
  { name: "dispatch", start: "reported_at", end: "dispatched_at", limit: "dispatch_limit_ms" },
  { name: "contain", start: "dispatched_at", end: "contained_at", limit: "contain_limit_ms" },
] as const;

/** Milliseconds between two columns. */
const between = (start: string, end: string): RawBuilder<number> =>
  sql`extract(epoch from (${sql.ref(end)} - ${sql.ref(start)})) * 1000`;

function clockColumns(now: EpochMs): RawBuilder<unknown> {
  const columns = CLOCKS.map(({ name, start, end, limit }) => {
    const took = between(start, end);
    const ran = sql`extract(epoch from (${new Date(now)}::timestamptz - ${sql.ref(start)})) * 1000`;
    const isLate = sql`(${sql.ref(end)} is not null and ${took} > ${sql.ref(limit)})
      or (${sql.ref(end)} is null and ${sql.ref(start)} is not null
        and state not in ${DROPPED} and ${ran} > ${sql.ref(limit)})`;
    return sql`count(*) filter (where ${sql.ref(end)} is not null)::int as ${sql.ref(`${name}_stopped`)},
      count(*) filter (where ${isLate})::int as ${sql.ref(`${name}_late`)},
      count(*) filter (where ${sql.ref(end)} is not null and ${took} > ${sql.ref(limit)})::int
        as ${sql.ref(`${name}_stopped_late`)},
      percentile_cont(0.5) within group (order by ${took})
        filter (where ${sql.ref(end)} is not null) as ${sql.ref(`${name}_median`)},
      percentile_cont(0.95) within group (order by ${took})
        filter (where ${sql.ref(end)} is not null) as ${sql.ref(`${name}_p95`)}`;
  });
  return sql.join(columns);
}

type Groups = Pick<Figures, "all" | "grids" | "departments" | "types">;

async function readGroups(tx: Reader, query: FigureQuery): Promise<Groups> {
  const { rows } = await sql<GroupRow>`
    select grouping(grid, lead, event_type)::int as kind, grid, lead, event_type,
      count(*)::int as cases, ${clockColumns(query.now)}
    from ${casesOf(query)} as cases
    group by grouping sets ((), (grid), (lead), (event_type))
    order by count(*) desc, grid, lead, event_type`.execute(tx);
  // Of three columns, a set bit says that this one is not grouped by.
  const of = (kind: number, column: "grid" | "lead" | "event_type"): GroupFigure[] =>
    rows.filter((row) => row.kind === kind).map((row) => toGroup(row, row[column]));
  const all = rows.find((row) => row.kind === 0b111);
  return {
    all: all === undefined ? EMPTY_GROUP : toGroup(all, null),
    grids: of(0b011, "grid"),
    departments: of(0b101, "lead"),
    types: of(0b110, "event_type"),
  };
}

const EMPTY_CLOCK: ClockFigure = {
  judged: 0,
  late: 0,
  inTime: null,
  medianMs: null,
  p95Ms: null,
};
const EMPTY_GROUP: GroupFigure = {
  key: null,
  cases: 0,
  clocks: { report: EMPTY_CLOCK, dispatch: EMPTY_CLOCK, contain: EMPTY_CLOCK },
};

function toGroup(row: GroupRow, key: string | null): GroupFigure {
  const clock = (name: (typeof CLOCKS)[number]["name"]): ClockFigure => {
    const figure = (part: string): number => Number(row[`${name}_${part}`] ?? 0);
    const late = figure("late");
    // What runs and is past its limit is judged already; what runs and is within it is not.
    const judged = figure("stopped") + late - figure("stopped_late");
    const time = (part: string): number | null =>
      row[`${name}_${part}`] === null ? null : figure(part);
    return {
      judged,
      late,
      inTime: shareOf(judged - late, judged),
      medianMs: time("median"),
      p95Ms: time("p95"),
    };
  };
  return {
    key,
    cases: row.cases,
    clocks: { report: clock("report"), dispatch: clock("dispatch"), contain: clock("contain") },
  };
}

async function readDays(tx: Reader, query: FigureQuery): Promise<Figures["days"]> {
  const { from, to, timeZone } = query;
  const dayOf = (at: unknown): RawBuilder<unknown> => sql`(${at} at time zone ${timeZone})::date`;
  const { rows } = await sql<Figures["days"][number]>`
    with day as (
      select generate_series(${dayOf(sql`${new Date(from)}::timestamptz`)},
        ${dayOf(sql`${new Date(to - 1)}::timestamptz`)}, interval '1 day')::date as day),
    counted as (
      select ${dayOf(sql`reported_at`)} as day,
        count(*) filter (where node_id <> ${PERSON_NODE})::int as machine,
        count(*) filter (where node_id = ${PERSON_NODE})::int as people
      from ${casesOf(query)} as cases group by 1)
    select to_char(day.day, 'YYYY-MM-DD') as day, coalesce(machine, 0) as machine,
      coalesce(people, 0) as people
    from day left join counted using (day) order by day.day`.execute(tx);
  return [...rows];
}

async function readAlarms(tx: Reader, query: FigureQuery): Promise<Figures["alarms"]> {
  const { from, to, scope } = query;
  let alarms = tx
    .selectFrom("incident_alarm")
    .select(["incident_alarm.node_id", "incident_alarm.camera_id"])
    .where("first_at", ">=", new Date(from))
    .where("first_at", "<", new Date(to))
    .where("incident_alarm.node_id", "<>", PERSON_NODE);
  if (!isEverything(scope)) {
    alarms = alarms.where((eb) =>
      eb.exists(
        eb
          .selectFrom("case_file")
          .select("case_file.id")
          .whereRef("case_file.incident_id", "=", "incident_alarm.incident_id")
          .where((inner) => inScope(inner, scope)),
      ),
    );
  }
  const rows = await tx
    .selectFrom(alarms.as("alarm"))
    .leftJoin("camera", (join) =>
      join.onRef("camera.node_id", "=", "alarm.node_id").onRef("camera.id", "=", "alarm.camera_id"),
    )
    .select(["alarm.node_id", "alarm.camera_id", "camera.name"])
    .select((eb) => eb.fn.countAll<number>().as("alarms"))
    .groupBy(["alarm.node_id", "alarm.camera_id", "camera.name"])
    .orderBy("alarms", "desc")
    .execute();
  const { cameras } = await tx
    .selectFrom("camera")
    .select((eb) => eb.fn.countAll<number>().as("cameras"))
    .where("enabled", "=", true)
    .executeTakeFirstOrThrow();
  const days = Math.max((Math.min(to, query.now) - from) / DAY_MS, 1 / 24);
  const total = rows.reduce((sum, row) => sum + row.alarms, 0);
  // A scope narrows the alarms to cases of it: then only the cameras that saw any are counted.
  const watching = isEverything(scope) ? Math.max(cameras, rows.length) : rows.length;
  return {
    total,
    cameras: watching,
    days,
    perCameraDay: watching === 0 ? null : total / watching / days,
    byCamera: rows.slice(0, LOUDEST).map((row) => ({
      camera: `${row.node_id}/${row.camera_id}`,
      name: row.name ?? row.camera_id,
      alarms: row.alarms,
      perDay: row.alarms / days,
    })),
  };
}

/** Cases that people told of came from no rule. */
async function readVerdicts(tx: Reader, query: FigureQuery): Promise<Figures["verdicts"]> {
  const { rows } = await sql<Omit<Figures["verdicts"][number], "precision">>`
    select event_type as "eventType", coalesce(detection ->> 'ruleId', '') as rule,
      count(*) filter (where state = 'REJECTED')::int as rejected,
      count(*) filter (where state <> 'REJECTED' and filed_by like 'operator:%')::int as confirmed,
      count(*) filter (where state <> 'REJECTED' and filed_by is not null
        and filed_by not like 'operator:%')::int as automatic
    from (select cases.*, (select actor from timeline
        where timeline.case_id = cases.id and kind = 'filed' order by id limit 1) as filed_by
      from ${casesOf(query)} as cases where node_id <> ${PERSON_NODE}) as judged
    group by 1, 2 order by count(*) desc, 1, 2 limit 200`.execute(tx);
  return rows.map((row) => ({
    ...row,
    precision: shareOf(row.confirmed, row.confirmed + row.rejected),
  }));
}

interface WorkRow {
  readonly department: string;
  readonly tasks: number;
  readonly answered: number;
  readonly returned: number;
  readonly median: number | null;
  readonly led: number;
  readonly solved: number;
  readonly rated: number;
  readonly satisfied: number;
}

async function readWork(tx: Reader, query: FigureQuery): Promise<Figures["work"]> {
  const { department } = query.scope;
  const { rows } = await sql<WorkRow>`
    with cases as ${casesOf(query)},
    asked as (
      select task.department, count(*)::int as tasks, count(answered_at)::int as answered,
        count(*) filter (where task.state = 'RETURNED')::int as returned,
        percentile_cont(0.5) within group (
          order by extract(epoch from (task.answered_at - task.created_at)) * 1000)
          filter (where task.answered_at is not null) as median
      from cases join task on task.case_id = cases.id
      where task.role <> 'informed' and task.state <> 'WITHDRAWN' group by 1),
    led as (
      select lead as department, count(*)::int as led,
        count(*) filter (where state in ${SOLVED})::int as solved
      from cases where dispatched_at is not null and state not in ${DROPPED} group by 1),
    rating as (
      select lead as department, count(*)::int as rated,
        count(*) filter (where report.stars >= ${CONTENT_STARS})::int as satisfied
      from cases join incident_event on incident_event.incident_id = cases.incident_id
        join report on report.event_id = incident_event.event_id
      where report.stars is not null group by 1)
    select department, coalesce(tasks, 0) as tasks, coalesce(answered, 0) as answered,
      coalesce(returned, 0) as returned, median, coalesce(led, 0) as led,
      coalesce(solved, 0) as solved, coalesce(rated, 0) as rated,
      coalesce(satisfied, 0) as satisfied
    from asked full join led using (department) full join rating using (department)
    where ${department === null ? sql`true` : sql`department = ${department}`}
    order by tasks desc, department`.execute(tx);
  return rows.map(({ median, ...row }) => ({
    ...row,
    medianAnswerMs: median,
    responseRate: shareOf(row.answered, row.tasks),
    solutionRate: shareOf(row.solved, row.led),
    satisfactionRate: shareOf(row.satisfied, row.rated),
  }));
}
