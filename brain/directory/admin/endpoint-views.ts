/** Endpoints as the control room sees them. */
import { type Kysely, sql } from "kysely";
import {
  departmentCodeSchema,
  type EndpointView,
  type EpochMs,
  formatTime,
  PermanentError,
  redactUrl,
} from "../../../protocol/index.ts";
import type { Schema } from "../../store/index.ts";
import { type EndpointRow, viewHolder } from "./secret-holder.ts";

/** Deliveries among which the last answers are looked for. */
const RECENT = 2_000;
const ANSWERS = 5;

interface AnswerRow {
  readonly endpoint_id: string;
  readonly at: Date;
  readonly status: number | null;
  readonly duration_ms: number;
  readonly error: string | null;
}

export async function readEndpointViews(
  db: Kysely<Schema>,
  now: EpochMs,
): Promise<readonly EndpointView[]> {
  const rows = await db.selectFrom("endpoint").selectAll().orderBy("department").execute();
  const counts = await db
    .selectFrom("delivery")
    .select(["endpoint_id", "state"])
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("state", "in", ["PENDING", "IN_FLIGHT", "DEAD"])
    .groupBy(["endpoint_id", "state"])
    .execute();
  const countOf = (id: string, isDead: boolean): number =>
    counts
      .filter((one) => one.endpoint_id === id && (one.state === "DEAD") === isDead)
      .reduce((sum, { count }) => sum + count, 0);
  const answers = await readAnswers(db);
  return rows.map((row) => ({
    ...viewRow(row, now),
    pending: countOf(row.id, false),
    dead: countOf(row.id, true),
    answers: answers
      .filter(({ endpoint_id }) => endpoint_id === row.id)
      .map(({ at, status, duration_ms, error }) => ({
        at: formatTime(at.getTime()),
        ...{ status, durationMs: duration_ms, error },
      })),
  }));
}

/** @throws PermanentError NOT_FOUND */
export async function readEndpointView(
  db: Kysely<Schema>,
  now: EpochMs,
  department: string,
): Promise<EndpointView> {
  const found = (await readEndpointViews(db, now)).find((one) => one.department === department);
  if (found === undefined) {
    throw endpointUnknown(department);
  }
  return found;
}

export function endpointUnknown(department: string): PermanentError {
  return new PermanentError("NOT_FOUND", "The department has no endpoint", { where: department });
}

function viewRow(
  row: EndpointRow,
  now: EpochMs,
): Omit<EndpointView, "pending" | "dead" | "answers"> {
  const time = (at: Date | null): string | null => (at === null ? null : formatTime(at.getTime()));
  return {
    id: row.id,
    department: departmentCodeSchema.parse(row.department),
    url: redactUrl(row.url),
    enabled: row.enabled,
    disabledReason: row.disabled_reason,
    circuit: row.parked_at !== null ? "parked" : row.probe_at !== null ? "open" : "closed",
    failures: row.failures,
    probeAt: time(row.probe_at),
    lastAttemptAt: time(row.last_attempt_at),
    lastSuccessAt: time(row.last_success_at),
    lastError: row.last_error,
    ...viewHolder(row, now),
  };
}

async function readAnswers(db: Kysely<Schema>): Promise<readonly AnswerRow[]> {
  const { rows } = await sql<AnswerRow>`
    select endpoint_id, at, status, duration_ms, error from (
      select recent.endpoint_id, attempt.at, attempt.status, attempt.duration_ms, attempt.error,
        row_number() over (partition by recent.endpoint_id order by attempt.at desc) as place
      from (select id, endpoint_id from delivery order by id desc limit ${RECENT}) as recent
      join attempt on attempt.delivery_id = recent.id
    ) as ranked where place <= ${ANSWERS} order by endpoint_id, at desc`.execute(db);
  return rows;
}
