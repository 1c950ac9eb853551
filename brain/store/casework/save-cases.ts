/**
 * Writes what the machines decided, many cases at once: case, whistles, tasks and deliveries,
 * timeline, timers and stream, all in the caller's transaction under the lock of `lockCases`.
 */
import { sql, type Transaction } from "kysely";
import {
  type CaseEffect,
  type CaseRecord,
  decideWhistle,
  SYSTEM_ACTOR,
  type WorkTime,
} from "../../cases/index.ts";
import type { EpochMs } from "../../../protocol/index.ts";
import { appendTimeline, publishCases, type TimelineEntry } from "../journal.ts";
import type { Schema } from "../schema.ts";
import { type LoadedCase, type LoadedWhistle, workOf } from "./case-rows.ts";
import { sendTasks, type TaskShare } from "./send-tasks.ts";
import { replaceTimers, timersOfCase, timersOfWhistle } from "./timer-rows.ts";
import { withdrawTasks } from "./withdraw-tasks.ts";

/** What saving needs beside the transaction. */
export interface CaseworkDeps {
  readonly work: WorkTime;
  readonly newId: () => string;
  /** Endpoint of a department, or of the hub in its stead. */
  readonly findEndpoint: (department: string) => string | undefined;
}

export interface CaseChange {
  readonly before: LoadedCase;
  readonly record: CaseRecord;
  readonly effects: readonly CaseEffect[];
  /** As the timeline names it. */
  readonly actor: string;
  /** False for what only reminds: a command that has not seen it is still up to date. */
  readonly decided: boolean;
  /** Whistles of the case that changed or are new, with their version before (0: new). */
  readonly whistles?: readonly LoadedWhistle[];
  /** Departments that a new whistle calls. */
  readonly calls?: readonly TaskShare[];
}

export interface SaveOptions {
  readonly now: EpochMs;
  /** Token of the lease under which timers fired. */
  readonly firedBy?: string;
}

export interface Saved {
  /** Endpoints that have something new to receive. */
  readonly endpointIds: readonly string[];
}

/** One change per case. */
export async function saveCases(
  tx: Transaction<Schema>,
  changes: readonly CaseChange[],
  deps: CaseworkDeps,
  options: SaveOptions,
): Promise<Saved> {
  if (changes.length === 0) {
    return { endpointIds: [] };
  }
  const { now } = options;
  const resolved = changes.map((change) => withCalledOff(change, deps.work, now));
  await updateCases(tx, resolved, now);
  const whistles = resolved.flatMap((change) =>
    (change.whistles ?? []).map((whistle) => ({ caseId: change.before.row.id, ...whistle })),
  );
  await upsertWhistles(tx, whistles, now);
  const endpointIds: string[] = [];
  for (const change of resolved) {
    endpointIds.push(...(await applyEffects(tx, change, deps, now)));
  }
  await appendTimeline(
    tx,
    resolved.flatMap((change) => notesOf(change, now)),
  );
  const ids = resolved.map(({ before }) => before.row.id);
  await replaceTimers(
    tx,
    [...ids, ...whistles.map(({ id }) => id)],
    [
      ...resolved.flatMap(({ before, record }) => timersOfCase(before.row.id, record, deps.work)),
      ...whistles.flatMap(({ id, caseId, record }) =>
        timersOfWhistle(id, caseId, record, deps.work),
      ),
    ],
    options.firedBy ?? null,
  );
  await publishCases(tx, ids, now);
  return { endpointIds: [...new Set(endpointIds)] };
}

/** A cancelled case takes its open whistles with it. */
function withCalledOff(change: CaseChange, work: WorkTime, now: EpochMs): CaseChange {
  const effect = change.effects.find((one) => one.kind === "call-off-whistles");
  if (effect === undefined) {
    return change;
  }
  const open = change.before.whistles.filter(({ id }) =>
    change.record.whistles.some((standing) => standing.id === id && standing.open),
  );
  const ended = open.map((whistle) => ({
    ...whistle,
    ...decideWhistle(
      whistle.record,
      { kind: "call-off", reason: effect.reason },
      { actor: SYSTEM_ACTOR, now, isValidCode: () => false, work },
    ),
  }));
  return {
    ...change,
    whistles: [...(change.whistles ?? []), ...ended],
    effects: [...change.effects, ...ended.flatMap(({ effects }) => effects)],
  };
}

async function updateCases(
  tx: Transaction<Schema>,
  changes: readonly CaseChange[],
  now: EpochMs,
): Promise<void> {
  const iso = (at: EpochMs | null): string | null =>
    at === null ? null : new Date(at).toISOString();
  const rows = changes.map(({ before, record, decided }) => ({
    id: before.row.id,
    state: record.state,
    lead: record.lead,
    level: record.level,
    light: record.light,
    filed_at: iso(record.filedAt),
    dispatched_at: iso(record.round.dispatchedAt),
    accepted_at: iso(record.round.acceptedAt),
    contained_at: iso(record.round.containedAt),
    decided,
    work: workOf(record),
  }));
  // The three founding clocks show the first round: their times are set once.
  await sql`
    update case_file set
      state = v.state, lead = v.lead, level = v.level, light = v.light, work = v.work,
      filed_at = coalesce(case_file.filed_at, v.filed_at),
      dispatched_at = coalesce(case_file.dispatched_at, v.dispatched_at),
      accepted_at = coalesce(case_file.accepted_at, v.accepted_at),
      contained_at = coalesce(case_file.contained_at, v.contained_at),
      version = case_file.version + 1,
      decided_version =
        case when v.decided then case_file.version + 1 else case_file.decided_version end,
      updated_at = ${new Date(now)}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      id uuid, state text, lead text, level smallint, light text, filed_at timestamptz,
      dispatched_at timestamptz, accepted_at timestamptz, contained_at timestamptz,
      decided boolean, work jsonb
    )
    where case_file.id = v.id`.execute(tx);
}

async function upsertWhistles(
  tx: Transaction<Schema>,
  whistles: readonly (LoadedWhistle & { readonly caseId: string })[],
  now: EpochMs,
): Promise<void> {
  for (const { id, caseId, version, record } of whistles) {
    const row = {
      state: record.state,
      version: version + 1,
      record: JSON.stringify(record),
      updated_at: new Date(now),
    };
    await tx
      .insertInto("whistle")
      .values({
        id,
        case_id: caseId,
        blown_at: new Date(record.blownAt),
        due_at: new Date(record.dueAt),
        ...row,
      })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
      .execute();
  }
}

async function applyEffects(
  tx: Transaction<Schema>,
  change: CaseChange,
  deps: CaseworkDeps,
  now: EpochMs,
): Promise<string[]> {
  const { before, record, effects, calls = [] } = change;
  const caseId = before.row.id;
  const endpointIds: string[] = [];
  const send = async (shares: readonly TaskShare[]): Promise<void> => {
    const { dispatch, contain } = record.policy.clocks;
    const input = {
      now,
      newId: deps.newId,
      findEndpoint: deps.findEndpoint,
      fastUntil: now + (dispatch?.limitMs ?? 0),
      containBy: (record.round.dispatchedAt ?? now) + (contain?.limitMs ?? 0),
    };
    endpointIds.push(...(await sendTasks(tx, before.row, shares, input)));
  };
  for (const effect of effects) {
    switch (effect.kind) {
      case "send":
        await send(effect.shares);
        break;
      case "settle":
        await settleTask(tx, caseId, effect, now);
        break;
      case "told":
        await tx
          .updateTable("task")
          .set({ state: "DELIVERED", delivered_at: new Date(now) })
          .where("case_id", "=", caseId)
          .where("department", "=", effect.department)
          .where("state", "=", "PENDING")
          .execute();
        break;
      case "withdraw":
        endpointIds.push(
          ...(await withdrawTasks(tx, before.row, effect, { now, newId: deps.newId })),
        );
        break;
      case "note":
      case "call-off-whistles":
        break;
    }
  }
  if (calls.length > 0) {
    await send(calls);
  }
  return endpointIds;
}

async function settleTask(
  tx: Transaction<Schema>,
  caseId: string,
  effect: Extract<CaseEffect, { kind: "settle" }>,
  now: EpochMs,
): Promise<void> {
  await tx
    .updateTable("task")
    .set({
      state: effect.state,
      answered_at: new Date(now),
      ...(effect.state === "ACCEPTED" ? { accepted_at: new Date(now) } : {}),
      ...(effect.reason === null ? {} : { reason: effect.reason }),
    })
    .where("case_id", "=", caseId)
    .where("department", "=", effect.department)
    .where("state", "in", ["PENDING", "DELIVERED"])
    .execute();
}

function notesOf({ before, effects, actor }: CaseChange, now: EpochMs): TimelineEntry[] {
  return effects.flatMap((effect) =>
    effect.kind === "note"
      ? [{ caseId: before.row.id, at: now, kind: effect.entry, actor, facts: effect.facts }]
      : [],
  );
}
