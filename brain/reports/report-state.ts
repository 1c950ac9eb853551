/** How far a report has come: the state of its case in words for whoever reported. */
import { sql, type Kysely } from "kysely";
import {
  type CaseState,
  type EpochMs,
  findEventType,
  formatTime,
  parseEventType,
  PermanentError,
  RATING_MS,
  type ReportState,
  type ReportStep,
} from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { hashOf } from "./tracking-code.ts";

const WORDS: Readonly<Record<ReportStep, { readonly zh: string; readonly en: string }>> = {
  received: { zh: "已收到", en: "We have your report" },
  "looked-at": { zh: "正在核实", en: "We are looking into it" },
  "taken-up": { zh: "已立案", en: "It has been taken up" },
  sent: { zh: "已派给负责部门", en: "It has been passed to those who must act" },
  "in-hand": { zh: "正在处理", en: "It is being dealt with" },
  paused: { zh: "暂缓处理, 到期继续", en: "It is paused and will go on" },
  done: { zh: "已处理, 正在核查", en: "It has been dealt with and is being checked" },
  closed: { zh: "已办结", en: "It is closed" },
  declined: { zh: "不予受理", en: "It was not taken up" },
};

const STEPS: Readonly<Record<CaseState, ReportStep>> = {
  REPORTED: "looked-at",
  VERIFYING: "looked-at",
  REJECTED: "declined",
  // Its case is followed into the one that it was merged into.
  MERGED: "looked-at",
  FILED: "taken-up",
  DISPATCHED: "sent",
  RETURNED: "taken-up",
  ACCEPTED: "in-hand",
  HANDLING: "in-hand",
  WHISTLED: "in-hand",
  SUSPENDED: "paused",
  CONTAINED: "in-hand",
  HANDLED: "done",
  CHECKING: "done",
  REWORK: "in-hand",
  CLOSED: "closed",
  EVALUATED: "closed",
  REOPENED: "taken-up",
  CANCELLED: "declined",
  ARCHIVED: "closed",
};

export interface FoundReport {
  readonly id: string;
  readonly receivedAt: EpochMs;
  readonly eventType: string;
  readonly rating: ReportState["rating"];
  /** Null while it waits for correlation. */
  readonly case: FoundCase | null;
}

interface FoundCase {
  readonly id: string;
  readonly state: CaseState;
  readonly updatedAt: EpochMs;
  /** Null while it has not been closed. */
  readonly closedAt: EpochMs | null;
}

/** @throws PermanentError NOT_FOUND */
export async function findReport(db: Kysely<Schema>, code: string): Promise<FoundReport> {
  const row = await db
    .selectFrom("report")
    .innerJoin("event", "event.id", "report.event_id")
    .select([
      "report.id",
      "report.received_at",
      "report.stars",
      "report.comment",
      "report.rated_at",
      "event.body",
      "event.id as event_id",
    ])
    .where("report.code_hash", "=", hashOf(code))
    .executeTakeFirst();
  if (row === undefined) {
    throw new PermanentError("NOT_FOUND", "No report has this code", {
      expected: "the code that was shown when the report was sent",
    });
  }
  return {
    id: row.id,
    receivedAt: row.received_at.getTime(),
    eventType: parseEventType(row.body.type)?.code ?? "",
    rating: ratingOf(row),
    case: await findCase(db, row.event_id),
  };
}

export interface RatingRow {
  readonly stars: number | null;
  readonly comment: string | null;
  readonly rated_at: Date | null;
}

export function ratingOf({ stars, comment, rated_at: at }: RatingRow): ReportState["rating"] {
  return stars === null || at === null ? null : { stars, comment, at: formatTime(at.getTime()) };
}

/** Merges of incidents and of cases are followed to where the work goes on. */
export async function findCase(db: Kysely<Schema>, eventId: string): Promise<FoundCase | null> {
  const { rows } = await sql<{
    id: string;
    state: CaseState;
    updated_at: Date;
    closed_at: string | null;
  }>`
    with recursive home (id, depth) as (
      select incident_id, 0 from incident_event where event_id = ${eventId}
      union all
      select incident.merged_into, depth + 1 from home
        join incident on incident.id = home.id
        where incident.merged_into is not null and depth < 64
    ), path (id, depth) as (
      (select case_file.id, 0 from home join case_file on case_file.incident_id = home.id
        order by home.depth desc limit 1)
      union all
      select (case_file.work ->> 'mergedInto')::uuid, depth + 1 from path
        join case_file on case_file.id = path.id
        where case_file.state = 'MERGED' and case_file.work ->> 'mergedInto' is not null
          and depth < 64
    )
    select case_file.id, state, updated_at, work -> 'round' ->> 'closedAt' as closed_at
      from path join case_file on case_file.id = path.id order by depth desc limit 1`.execute(db);
  const row = rows[0];
  if (row === undefined) {
    return null;
  }
  return {
    id: row.id,
    state: row.state,
    updatedAt: row.updated_at.getTime(),
    closedAt: row.closed_at === null ? null : Number(row.closed_at),
  };
}

export function stateOf(report: FoundReport, now: EpochMs): ReportState {
  const found = report.case;
  const step = found === null ? "received" : STEPS[found.state];
  const type = findEventType(report.eventType);
  const until = rateUntil(report);
  return {
    step,
    words: WORDS[step],
    title: { zh: type?.zh ?? "", en: type?.en ?? "" },
    receivedAt: formatTime(report.receivedAt),
    changedAt: formatTime(found?.updatedAt ?? report.receivedAt),
    rating: report.rating,
    rateUntil: until === null || until <= now ? null : formatTime(until),
  };
}

/** Null where the case is not closed, or the report has been rated. */
export function rateUntil({ case: found, rating }: FoundReport): EpochMs | null {
  const isClosed = found?.state === "CLOSED" || found?.state === "EVALUATED";
  return isClosed && rating === null ? (found.closedAt ?? found.updatedAt) + RATING_MS : null;
}
