/** Makes and ends silences, with a defined answer for what overlaps, is over or lies in the past. */
import { type Kysely, type Selectable, sql, type Transaction } from "kysely";
import { appendAudit } from "../audit/index.ts";
import { isLifeSafety } from "../correlate/index.ts";
import {
  auditName,
  type EpochMs,
  findEventType,
  formatTime,
  MAX_MAINTENANCE_MS,
  MAX_SILENCE_MS,
  type NewSilence,
  parseTime,
  PermanentError,
  type SilenceList,
  type SilenceState,
  type SilenceView,
  type Viewer,
} from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import type { CaseworkInput } from "./deps.ts";
import { type Ran, runOnce } from "./run-once.ts";

export interface SilenceOrder {
  readonly viewer: Viewer;
  readonly key: string;
  readonly address: string;
}

type Row = Selectable<Schema["silence"]>;
type Reader = Kysely<Schema> | Transaction<Schema>;

/** A page's clock may be behind the brain's, and a form knows minutes only. */
const TOLERATED_PAST_MS = 5 * 60_000;
/** Past ones shown beside all that are planned or active. */
const SHOWN_PAST = 100;

/**
 * @throws PermanentError COMMAND_REFUSED for a time or a scope that cannot be, STATE_CONFLICT where
 * another silence covers all of it, CAMERA_UNKNOWN, PERMISSION_REFUSED outside of the viewer's
 * jurisdiction, KEY_REUSED.
 */
export function addSilence(
  input: CaseworkInput,
  wish: NewSilence,
  order: SilenceOrder,
): Promise<Ran<SilenceView>> {
  const once = { principal: auditName(order.viewer), key: order.key, body: wish };
  return runOnce(input, once, async (tx, now) => {
    const from = wish.from === undefined ? now : parseTime(wish.from);
    const until = parseTime(wish.until);
    requireTime(wish, from, until, now);
    requireType(wish);
    await requirePlace(tx, wish, order.viewer);
    await requireNews(tx, wish, from, until);
    const id = input.newId();
    await tx
      .insertInto("silence")
      .values({
        ...{ id, kind: wish.kind, node_id: wish.nodeId, camera_id: wish.cameraId },
        ...{ event_type: wish.eventType, grid_prefix: wish.gridPrefix },
        ...{ starts_at: new Date(from), ends_at: new Date(until), reason: wish.reason },
        ...{ created_by: auditName(order.viewer), created_at: new Date(now) },
        life_safety: wish.lifeSafety,
      })
      .execute();
    await audit(tx, order, now, "silence.add", id, {
      ...{ kind: wish.kind, node: wish.nodeId, camera: wish.cameraId, type: wish.eventType },
      ...{ grid: wish.gridPrefix, from: formatTime(from), until: wish.until },
      ...{ lifeSafety: wish.lifeSafety, reason: wish.reason },
    });
    return { answer: await viewOne(tx, id, now), endpointIds: [] };
  });
}

/** Ending it twice is harmless: the first end stands. */
export function endSilence(
  input: CaseworkInput,
  id: string,
  order: SilenceOrder,
): Promise<Ran<SilenceView>> {
  const once = { principal: auditName(order.viewer), key: order.key, body: { end: id } };
  return runOnce(input, once, async (tx, now) => {
    const row = await readRow(tx, id);
    if (row === undefined || !(await isOwn(tx, row, order.viewer))) {
      throw new PermanentError("NOT_FOUND", "There is no such silence", { where: id });
    }
    if (row.ended_at === null && row.ends_at.getTime() <= now) {
      throw new PermanentError("STATE_CONFLICT", "The silence is over", {
        where: id,
        expected: "a planned or active silence",
        got: `one that ended at ${formatTime(row.ends_at.getTime())}`,
      });
    }
    if (row.ended_at === null) {
      await tx
        .updateTable("silence")
        .set({ ended_at: new Date(now), ended_by: auditName(order.viewer) })
        .where("id", "=", id)
        .execute();
      await audit(tx, order, now, "silence.end", id, { until: formatTime(row.ends_at.getTime()) });
    }
    return { answer: await viewOne(tx, id, now), endpointIds: [] };
  });
}

function requireTime(wish: NewSilence, from: EpochMs, until: EpochMs, now: EpochMs): void {
  const longestMs = wish.kind === "maintenance" ? MAX_MAINTENANCE_MS : MAX_SILENCE_MS;
  const problems: readonly (readonly [boolean, string, string, string])[] = [
    [until <= now, "The silence would be over already", "until", "a time ahead"],
    [from < now - TOLERATED_PAST_MS, "A silence does not reach back", "from", "now or later"],
    [until <= from, "The silence ends before it begins", "until", "a time after its beginning"],
    [
      until - from > longestMs,
      "The silence is too long",
      "until",
      `at most ${longestMs / 86_400_000} days`,
    ],
  ];
  const found = problems.find(([isWrong]) => isWrong);
  if (found !== undefined) {
    const [, message, where, expected] = found;
    throw new PermanentError("COMMAND_REFUSED", message, {
      where,
      expected,
      got: where === "from" ? formatTime(from) : formatTime(until),
    });
  }
}

function requireType({ eventType, lifeSafety }: NewSilence): void {
  if (eventType === null) {
    return;
  }
  if (findEventType(eventType) === undefined) {
    throw new PermanentError("COMMAND_REFUSED", "There is no such event type", {
      where: "eventType",
      expected: "a type of the catalogue",
      got: eventType,
    });
  }
  if (isLifeSafety(eventType) && !lifeSafety) {
    throw new PermanentError("COMMAND_REFUSED", "Life safety is silenced by a second word only", {
      where: "lifeSafety",
      expected: "true, said apart from the rest",
      got: `${eventType}, which is S0`,
    });
  }
}

async function requirePlace(
  tx: Transaction<Schema>,
  { nodeId, cameraId, gridPrefix }: NewSilence,
  { jurisdiction }: Viewer,
): Promise<void> {
  const grid = await gridOfCamera(tx, nodeId, cameraId);
  if (cameraId !== null && grid === undefined) {
    throw new PermanentError("CAMERA_UNKNOWN", "There is no such camera", {
      where: "cameraId",
      expected: "a camera of the node",
      got: `${nodeId ?? ""}/${cameraId}`,
    });
  }
  if (jurisdiction !== null && !lies(jurisdiction, gridPrefix, grid)) {
    throw new PermanentError("PERMISSION_REFUSED", "That is outside of your jurisdiction", {
      where: "gridPrefix",
      expected: `a grid or a camera within ${jurisdiction}`,
      got: gridPrefix ?? grid ?? "everywhere",
    });
  }
}

function lies(jurisdiction: string, ...grids: readonly (string | null | undefined)[]): boolean {
  return grids.some((grid) => grid?.startsWith(jurisdiction) === true);
}

/** Null for a camera without a grid, undefined without such a camera. */
async function gridOfCamera(
  db: Reader,
  nodeId: string | null,
  cameraId: string | null,
): Promise<string | null | undefined> {
  if (nodeId === null || cameraId === null) {
    return undefined;
  }
  const row = await db
    .selectFrom("camera")
    .select("location")
    .where("node_id", "=", nodeId)
    .where("id", "=", cameraId)
    .executeTakeFirst();
  return row === undefined ? undefined : (row.location.gridCode ?? null);
}

/** A silence within another one would change nothing, and its end would surprise. */
async function requireNews(
  tx: Transaction<Schema>,
  wish: NewSilence,
  from: EpochMs,
  until: EpochMs,
): Promise<void> {
  const rows = await tx
    .selectFrom("silence")
    .selectAll()
    .where("ended_at", "is", null)
    .where("starts_at", "<=", new Date(from))
    .where("ends_at", ">=", new Date(until))
    .execute();
  const covering = rows.find(
    (row) =>
      (row.life_safety || !wish.lifeSafety) &&
      covers(row.node_id, wish.nodeId) &&
      covers(row.camera_id, wish.cameraId) &&
      covers(row.event_type, wish.eventType) &&
      (row.grid_prefix === null || wish.gridPrefix?.startsWith(row.grid_prefix) === true),
  );
  if (covering !== undefined) {
    throw new PermanentError("STATE_CONFLICT", "Another silence covers all of this", {
      where: `silence ${covering.id}`,
      expected: "something that is not silenced yet",
      got: `silenced until ${formatTime(covering.ends_at.getTime())}`,
    });
  }
}

function covers(theirs: string | null, ours: string | null): boolean {
  return theirs === null || theirs === ours;
}

export async function listSilences(
  db: Kysely<Schema>,
  viewer: Viewer,
  now: EpochMs,
  scope: "current" | "all",
): Promise<SilenceList> {
  const at = new Date(now);
  const current = await db
    .selectFrom("silence")
    .selectAll()
    .where("ended_at", "is", null)
    .where("ends_at", ">", at)
    .orderBy("starts_at")
    .execute();
  const past =
    scope === "current"
      ? []
      : await db
          .selectFrom("silence")
          .selectAll()
          .where((eb) => eb.or([eb("ended_at", "is not", null), eb("ends_at", "<=", at)]))
          .orderBy("created_at", "desc")
          .limit(SHOWN_PAST)
          .execute();
  const rows: Row[] = [];
  for (const row of [...current, ...past]) {
    if (await isOwn(db, row, viewer)) {
      rows.push(row);
    }
  }
  return { items: await viewAll(db, rows, current, now) };
}

/** Of a jurisdiction one sees what lies within it, or silences all of it. */
async function isOwn(db: Reader, row: Row, { jurisdiction }: Viewer): Promise<boolean> {
  if (jurisdiction === null) {
    return true;
  }
  const grid = await gridOfCamera(db, row.node_id, row.camera_id);
  return lies(jurisdiction, row.grid_prefix, grid);
}

function readRow(db: Reader, id: string): Promise<Row | undefined> {
  return db.selectFrom("silence").selectAll().where("id", "=", id).executeTakeFirst();
}

async function viewOne(tx: Transaction<Schema>, id: string, now: EpochMs): Promise<SilenceView> {
  const current = await tx
    .selectFrom("silence")
    .selectAll()
    .where("ended_at", "is", null)
    .where("ends_at", ">", new Date(now))
    .execute();
  const row = await readRow(tx, id);
  const [view] = await viewAll(tx, row === undefined ? [] : [row], current, now);
  return view as SilenceView;
}

async function viewAll(
  db: Reader,
  rows: readonly Row[],
  current: readonly Row[],
  now: EpochMs,
): Promise<SilenceView[]> {
  const { rows: counts } = await sql<{
    silence_id: string;
    alarms: number;
    events: number;
    last_at: Date;
  }>`
    select silence_id, sum(alarms)::int as alarms, sum(events)::int as events,
      max(last_at) as last_at
    from suppression where silence_id = any(${rows.map(({ id }) => id)}::uuid[])
    group by silence_id`.execute(db);
  const byId = new Map(counts.map((count) => [count.silence_id, count]));
  return rows.map((row) => {
    const count = byId.get(row.id);
    return {
      ...{ id: row.id, kind: row.kind, state: stateOf(row, now) },
      ...{ nodeId: row.node_id, cameraId: row.camera_id, eventType: row.event_type },
      gridPrefix: row.grid_prefix,
      from: formatTime(row.starts_at.getTime()),
      until: formatTime(row.ends_at.getTime()),
      reason: row.reason,
      lifeSafety: row.life_safety,
      createdBy: row.created_by,
      createdAt: formatTime(row.created_at.getTime()),
      endedBy: row.ended_by,
      endedAt: row.ended_at === null ? null : formatTime(row.ended_at.getTime()),
      suppressed: {
        alarms: count?.alarms ?? 0,
        events: count?.events ?? 0,
        lastAt: count === undefined ? null : formatTime(count.last_at.getTime()),
      },
      overlaps: current.filter((other) => overlap(row, other)).map(({ id }) => id),
    };
  });
}

function stateOf(row: Row, now: EpochMs): SilenceState {
  if (row.ended_at !== null) {
    return "ended";
  }
  if (row.ends_at.getTime() <= now) {
    return "over";
  }
  return row.starts_at.getTime() > now ? "planned" : "active";
}

function overlap(a: Row, b: Row): boolean {
  const meets = (one: string | null, other: string | null): boolean =>
    one === null || other === null || one === other;
  const grids =
    a.grid_prefix === null ||
    b.grid_prefix === null ||
    a.grid_prefix.startsWith(b.grid_prefix) ||
    b.grid_prefix.startsWith(a.grid_prefix);
  return (
    a.id !== b.id &&
    a.ended_at === null &&
    a.starts_at < b.ends_at &&
    b.starts_at < a.ends_at &&
    grids &&
    meets(a.node_id, b.node_id) &&
    meets(a.camera_id, b.camera_id) &&
    meets(a.event_type, b.event_type)
  );
}

function audit(
  tx: Transaction<Schema>,
  { viewer, address }: SilenceOrder,
  now: EpochMs,
  action: string,
  id: string,
  facts: Readonly<Record<string, string | boolean | null>>,
): Promise<void> {
  const subject = `silence:${id}`;
  return appendAudit(tx, [{ at: now, actor: auditName(viewer), action, subject, address, facts }]);
}
