/** Reads cases for the control room. */
import { type Kysely, sql, type Transaction } from "kysely";
import type {
  CaseDetail,
  CaseList,
  CaseState,
  CaseSummary,
  EpochMs,
} from "../../protocol/index.ts";
import { cameraRefOf, formatTime } from "../../protocol/index.ts";
import { ALL_CASES, type CaseScope, inScope, type Schema } from "../store/index.ts";
import { readKept } from "./after-pictures.ts";
import { readEvidence } from "./case-evidence.ts";
import { iso, showUrl, toSummary } from "./case-view.ts";

type Reader = Kysely<Schema> | Transaction<Schema>;

function summaries(db: Reader) {
  return db
    .selectFrom("case_file")
    .leftJoin("evidence", "evidence.sha256", "case_file.snapshot_sha256")
    .selectAll("case_file")
    .select(["evidence.state as snapshot_state", "evidence.gone_at as snapshot_gone_at"]);
}

export interface ListQuery {
  readonly limit: number;
  readonly before?: string | undefined;
  readonly state?: CaseState | undefined;
}

/** Page, counts and stream position of one moment. */
export function listCases(
  db: Kysely<Schema>,
  query: ListQuery,
  now: EpochMs,
  scope: CaseScope = ALL_CASES,
): Promise<CaseList> {
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (tx) => {
      const position = await readPosition(tx);
      let page = summaries(tx)
        .where((eb) => inScope(eb, scope))
        .orderBy("case_file.reported_at", "desc")
        .orderBy("case_file.id", "desc")
        .limit(query.limit + 1);
      if (query.state !== undefined) {
        page = page.where("case_file.state", "=", query.state);
      }
      const cursor = parseCursor(query.before);
      if (cursor !== undefined) {
        page = page.where(
          sql<boolean>`(case_file.reported_at, case_file.id) < (${cursor.at}, ${cursor.id}::uuid)`,
        );
      }
      const rows = await page.execute();
      const counts = await tx
        .selectFrom("case_file")
        .select(["state", (eb) => eb.fn.countAll<number>().as("count")])
        .where((eb) => inScope(eb, scope))
        .groupBy("state")
        .execute();
      const items = rows.slice(0, query.limit);
      const last = items.at(-1);
      return {
        items: items.map(toSummary),
        next:
          rows.length > query.limit && last !== undefined
            ? `${last.reported_at.getTime()}_${last.id}`
            : null,
        streamPosition: String(position),
        counts: Object.fromEntries(counts.map((row) => [row.state, row.count])),
        asOf: formatTime(now),
      };
    });
}

const CURSOR = /^(\d{1,15})_([0-9a-f-]{36})$/;

export function isCursor(text: string): boolean {
  return CURSOR.test(text);
}

function parseCursor(text: string | undefined): { at: Date; id: string } | undefined {
  const match = text === undefined ? null : CURSOR.exec(text);
  return match === null ? undefined : { at: new Date(Number(match[1])), id: match[2] as string };
}

/** The last position that is visible: everything up to it can be seen. */
export async function readPosition(db: Reader): Promise<number> {
  const row = await db
    .selectFrom("stream")
    .select((eb) => eb.fn.max("position").as("position"))
    .executeTakeFirst();
  return row?.position ?? 0;
}

export interface CaseChange {
  readonly position: number;
  readonly summary: CaseSummary;
}

export interface Changes {
  readonly changes: readonly CaseChange[];
  /** Cases that a department had a task in and does not see any more. */
  readonly gone: readonly { readonly position: number; readonly id: string }[];
  readonly position: number;
  readonly end: boolean;
}

/**
 * Cases that changed after a position, each once at its newest position. Shorter than `limit`
 * positions means that the end was reached; `position` is where to go on.
 */
export async function readChanges(
  db: Kysely<Schema>,
  after: number,
  limit: number,
  scope: CaseScope = ALL_CASES,
): Promise<Changes> {
  const rows = await db
    .selectFrom("stream")
    .select(["position", "case_id"])
    .where("position", ">", after)
    .orderBy("position")
    .limit(limit)
    .execute();
  if (rows.length === 0) {
    return { changes: [], gone: [], position: after, end: true };
  }
  const newest = new Map(rows.map((row) => [row.case_id, row.position]));
  const found = await summaries(db)
    .where("case_file.id", "in", [...newest.keys()])
    .where((eb) => inScope(eb, scope))
    .execute();
  const changes = found
    .map((row) => ({ position: newest.get(row.id) ?? after, summary: toSummary(row) }))
    .sort((a, b) => a.position - b.position);
  const seen = new Set<string>(found.map((row) => row.id));
  const hidden = [...newest.keys()].filter((id) => !seen.has(id));
  const gone = (await departed(db, hidden, scope)).map((id) => ({
    id,
    position: newest.get(id) ?? after,
  }));
  return { changes, gone, position: rows.at(-1)?.position ?? after, end: rows.length < limit };
}

/** Of other cases a department is not even told that they changed. */
async function departed(
  db: Kysely<Schema>,
  caseIds: readonly string[],
  { department }: CaseScope,
): Promise<readonly string[]> {
  if (department === null || caseIds.length === 0) {
    return [];
  }
  const rows = await db
    .selectFrom("task")
    .select("case_id")
    .distinct()
    .where("case_id", "in", caseIds)
    .where("department", "=", department)
    .execute();
  return rows.map((row) => row.case_id);
}

/** Undefined for a case outside of the scope, as for one that does not exist. */
export async function readCase(
  db: Kysely<Schema>,
  id: string,
  scope: CaseScope = ALL_CASES,
): Promise<CaseDetail | undefined> {
  const row = await summaries(db)
    .where("case_file.id", "=", id)
    .where((eb) => inScope(eb, scope))
    .executeTakeFirst();
  if (row === undefined) {
    return undefined;
  }
  const [timeline, tasks, deliveries, events] = await Promise.all([
    readTimeline(db, id),
    readTasks(db, id),
    readDeliveries(db, id),
    readEvents(db, row.incident_id),
  ]);
  const kept = await readKept(db, id);
  const evidence = await readEvidence(db, { caseId: id, incidentId: row.incident_id });
  // A department reads its own part: not what others were told and answered.
  const { department } = scope;
  const isOwn = (other: unknown): boolean => department === null || other === department;
  return {
    ...toSummary(row),
    timeline: timeline.filter(
      ({ facts }) =>
        (facts["department"] === undefined || isOwn(facts["department"])) &&
        (facts["audience"] !== "room" || department === null),
    ),
    tasks: tasks.filter((task) => isOwn(task.department)),
    deliveries: deliveries.filter((delivery) => isOwn(delivery.department)),
    events,
    evidence,
    detection: row.detection,
    privacy: row.privacy,
    ...kept,
  } as CaseDetail;
}

async function readTimeline(db: Reader, caseId: string) {
  const rows = await db
    .selectFrom("timeline")
    .selectAll()
    .where("case_id", "=", caseId)
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: String(row.id),
    at: row.at.toISOString(),
    kind: row.kind,
    actor: row.actor,
    facts: row.facts,
  }));
}

const ROLE_ORDER = { lead: 0, co: 1, informed: 2 } as const;

async function readTasks(db: Reader, caseId: string) {
  const rows = await db
    .selectFrom("task")
    .selectAll()
    .where("case_id", "=", caseId)
    .orderBy("id")
    .execute();
  return rows
    .sort((a, b) => ROLE_ORDER[a.role] - ROLE_ORDER[b.role])
    .map((row) => ({
      id: row.id,
      department: row.department,
      role: row.role,
      state: row.state,
      acceptedAt: iso(row.accepted_at),
      reference: row.reference,
      reason: row.reason,
    }));
}

async function readDeliveries(db: Reader, caseId: string) {
  const rows = await db
    .selectFrom("delivery")
    .innerJoin("endpoint", "endpoint.id", "delivery.endpoint_id")
    .selectAll("delivery")
    .select("endpoint.url")
    .where("case_id", "=", caseId)
    .orderBy("delivery.id")
    .execute();
  const attempts = await db
    .selectFrom("attempt")
    .innerJoin("delivery", "delivery.id", "attempt.delivery_id")
    .selectAll("attempt")
    .where("delivery.case_id", "=", caseId)
    .orderBy("number")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    department: row.department,
    url: showUrl(row.url),
    state: row.state,
    nextAttemptAt: row.state === "PENDING" ? iso(row.next_attempt_at) : null,
    deliveredAt: iso(row.delivered_at),
    attempts: attempts
      .filter((attempt) => attempt.delivery_id === row.id)
      .map((attempt) => ({
        number: attempt.number,
        at: attempt.at.toISOString(),
        durationMs: attempt.duration_ms,
        status: attempt.status,
        error: attempt.error,
      })),
  }));
}

async function readEvents(db: Reader, incidentId: string) {
  const rows = await db
    .selectFrom("incident_event")
    .innerJoin("event", "event.id", "incident_event.event_id")
    .select(["event.id", "node_id", "camera_id", "phase", "sequence"])
    .select(["captured_at", "accepted_at"])
    .where("incident_id", "=", incidentId)
    .orderBy("captured_at")
    .orderBy("sequence")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    camera: cameraRefOf(row.node_id, row.camera_id),
    phase: row.phase,
    sequence: row.sequence,
    capturedAt: row.captured_at.toISOString(),
    acceptedAt: row.accepted_at.toISOString(),
  }));
}
