/** An operator's word on what is one happening and what is two, as transactions. */
import { sql, type Transaction } from "kysely";
import {
  type AlarmView,
  countAlarm,
  CorrelationState,
  explain,
  hullOf,
  type Incident,
  joinHulls,
  type KnownAlarm,
  mergeIncidents,
  type OperatorDecision,
  splitIncident,
  type SplitCommand,
} from "../correlate/index.ts";
import { PermanentError } from "../../protocol/index.ts";
import { appendTimeline, lockCases, publishCases, type Schema } from "../store/index.ts";
import { type ChangeCasesInput, mergeCases } from "./change-cases.ts";
import { readEventsOf } from "./inbox-event.ts";
import { type AlarmRow, loadIncidents, type StoredIncident, toView } from "./load-correlation.ts";
import { openCases, type OpenCasesInput, typeOfCase } from "./open-cases.ts";
import { recountEvents, writeAlarms, writeIncidents, writeMerges } from "./write-correlation.ts";

export type RegroupInput = ChangeCasesInput & OpenCasesInput;

export interface Regrouped {
  /** Endpoints that have something new to receive. */
  readonly endpointIds: readonly string[];
  /** The incident that is left, or that is new. */
  readonly incidentId: string;
  /** Its case; null where nothing in it asks for anybody. */
  readonly caseId: string | null;
}

/**
 * Makes two incidents one; the first stays. It must be the transaction's first work.
 *
 * @throws PermanentError NOT_FOUND, STATE_CONFLICT, COMMAND_REFUSED
 */
export async function mergeByOperator(
  tx: Transaction<Schema>,
  { winnerId, loserId, ...decision }: OperatorDecision & { winnerId: string; loserId: string },
  input: RegroupInput,
): Promise<Regrouped> {
  const { explanation } = mergeIncidents(winnerId, loserId, decision);
  await lockCases(tx);
  const state = new CorrelationState();
  const stored = await loadIncidents(tx, state, [winnerId, loserId]);
  const winner = standing(state, stored, winnerId);
  const loser = standing(state, stored, loserId);
  // A separation of before ends with this word.
  winner.apart.delete(loserId);
  loser.apart.delete(winnerId);
  state.merge(winnerId, loserId);
  await writeIncidents(tx, [winner], input.now);
  await writeMerges(tx, [{ winnerId, loserId, explanation, actor: decision.actor }], input.now);
  await recountEvents(tx, [winnerId]);
  const winnerCaseId = stored.get(winnerId)?.caseId ?? null;
  const loserCaseId = stored.get(loserId)?.caseId ?? null;
  const link = explain(explanation);
  const endpointIds =
    winnerCaseId === null || loserCaseId === null
      ? []
      : await mergeCases(
          tx,
          [
            {
              ...{ winnerCaseId, loserCaseId, link },
              ...{ actor: decision.actor, reason: decision.reason.trim() },
            },
          ],
          input,
        );
  return { endpointIds, incidentId: winnerId, caseId: winnerCaseId };
}

/**
 * Takes alarms out of an incident into one of their own, with a case of its own; the two are never
 * joined again by themselves. It must be the transaction's first work.
 *
 * @throws PermanentError NOT_FOUND, STATE_CONFLICT, COMMAND_REFUSED
 */
export async function splitByOperator(
  tx: Transaction<Schema>,
  decision: OperatorDecision & { incidentId: string; alarmKeys: readonly string[] },
  input: RegroupInput,
): Promise<Regrouped> {
  const { incidentId, alarmKeys, ...word } = decision;
  await lockCases(tx);
  const state = new CorrelationState();
  const stored = await loadIncidents(tx, state, [incidentId]);
  const incident = standing(state, stored, incidentId);
  const rows = await tx
    .selectFrom("incident_alarm")
    .selectAll()
    .where("incident_id", "=", incidentId)
    .execute();
  const all = { id: incidentId, alarmKeys: rows.map(({ key }) => key) };
  const command = splitIncident(all, alarmKeys, input.newId(), word);
  const fresh = await moveAlarms(tx, incident, rows, command, input);
  await recordSplit(tx, command, word, input);
  const caseId = stored.get(incidentId)?.caseId ?? null;
  const opened = await openOwnCase(tx, fresh, input);
  if (caseId !== null) {
    await noteSplit(tx, { caseId, opened }, command, word, input);
  }
  await recountEvents(tx, [incidentId]);
  const changed = [caseId, opened.caseId].filter((id) => id !== null);
  await publishCases(tx, changed, input.now);
  return {
    endpointIds: opened.endpointIds,
    incidentId: command.newIncidentId,
    caseId: opened.caseId,
  };
}

function standing(
  state: CorrelationState,
  stored: ReadonlyMap<string, StoredIncident>,
  id: string,
): Incident {
  const incident = state.incident(id);
  const mergedInto = stored.get(id)?.mergedInto ?? null;
  if (incident === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such incident", { where: id });
  }
  if (mergedInto !== null) {
    throw new PermanentError("STATE_CONFLICT", "The incident is part of another by now", {
      where: id,
      expected: `incident ${mergedInto}`,
      got: id,
    });
  }
  return incident;
}

/** @returns the new incident with its alarms; the old one keeps the rest. */
async function moveAlarms(
  tx: Transaction<Schema>,
  incident: Incident,
  rows: readonly AlarmRow[],
  { newIncidentId, alarmKeys }: SplitCommand,
  { now }: RegroupInput,
): Promise<Incident> {
  const leaving = new Set(alarmKeys);
  const views = rows.map(toView);
  const stays = partOf(
    incident,
    views.filter(({ key }) => !leaving.has(key)),
  );
  const goes = partOf(
    incident,
    views.filter(({ key }) => leaving.has(key)),
  );
  const fresh: Incident = { ...goes, id: newIncidentId, openedAt: now, standing: "waiting" };
  stays.apart.add(newIncidentId);
  fresh.apart.add(incident.id);
  await writeIncidents(tx, [stays, fresh], now);
  const alarms = views
    .filter(({ key }) => leaving.has(key))
    .map((view): KnownAlarm => ({ view, incident: fresh, cells: [], mark: 0 }));
  await writeAlarms(tx, alarms);
  for (const alarm of alarms) {
    fresh.alarms.add(alarm);
  }
  return fresh;
}

/** The incident as it is with these alarms only. */
function partOf(incident: Incident, views: readonly AlarmView[]): Incident {
  const [first, ...rest] = views.map(hullOf);
  const part: Incident = {
    ...incident,
    hull: rest.reduce(joinHulls, first ?? incident.hull),
    alarmCount: 0,
    activeCount: 0,
    cancelledCount: 0,
    apart: new Set(incident.apart),
    alarms: new Set(),
  };
  for (const view of views) {
    countAlarm(part, view, 1);
  }
  return part;
}

async function recordSplit(
  tx: Transaction<Schema>,
  { incidentId, newIncidentId, alarmKeys, explanation }: SplitCommand,
  { actor, reason }: OperatorDecision,
  { now }: RegroupInput,
): Promise<void> {
  await sql`
    update incident_event set
      incident_id = ${newIncidentId}, link = ${explain(explanation)},
      explanation = ${JSON.stringify(explanation)}::jsonb
    from event, incident_alarm
    where incident_event.incident_id = ${incidentId} and event.id = incident_event.event_id
      and incident_alarm.node_id = event.node_id and incident_alarm.alarm_id = event.alarm_id
      and incident_alarm.incident_id = ${newIncidentId}`.execute(tx);
  await tx
    .insertInto("incident_split")
    .values({
      incident_id: incidentId,
      new_incident_id: newIncidentId,
      alarm_keys: [...alarmKeys],
      at: new Date(now),
      actor,
      reason,
    })
    .execute();
}

interface OwnCase {
  readonly caseId: string | null;
  readonly number: string | null;
  readonly endpointIds: readonly string[];
}

/** What asks for nobody has no case, in two as in one. */
async function openOwnCase(
  tx: Transaction<Schema>,
  incident: Incident,
  input: RegroupInput,
): Promise<OwnCase> {
  const events = await readEventsOf(tx, incident.id);
  const event = events.reduce<(typeof events)[number] | undefined>(
    (best, one) => (best === undefined || one.type.severity < best.type.severity ? one : best),
    undefined,
  );
  if (event === undefined || incident.attention === "none") {
    return { caseId: null, number: null, endpointIds: [] };
  }
  const { drafts, endpointIds } = await openCases(
    tx,
    [
      {
        incidentId: incident.id,
        event,
        type: typeOfCase(incident, event),
        attention: incident.attention,
        phase: incident.activeCount > 0 ? "update" : "end",
        eventCount: events.length,
        // The split, which both cases note, says why.
        link: null,
      },
    ],
    input,
  );
  const [draft] = drafts;
  return { caseId: draft?.caseId ?? null, number: draft?.number ?? null, endpointIds };
}

/** Both cases say that they were one. A split is a decision: whoever comes second must see it. */
async function noteSplit(
  tx: Transaction<Schema>,
  { caseId, opened }: { readonly caseId: string; readonly opened: OwnCase },
  { alarmKeys }: SplitCommand,
  { actor, reason }: OperatorDecision,
  { now }: RegroupInput,
): Promise<void> {
  const before = await tx
    .selectFrom("case_file")
    .select("number")
    .where("id", "=", caseId)
    .executeTakeFirstOrThrow();
  const facts = { alarms: alarmKeys.length, reason: reason.trim() };
  const entry = { at: now, kind: "split", actor } as const;
  await appendTimeline(tx, [
    { caseId, ...entry, facts: { ...facts, into: opened.caseId, number: opened.number } },
    ...(opened.caseId === null
      ? []
      : [
          {
            ...{ caseId: opened.caseId, ...entry },
            facts: { ...facts, from: before.number, fromId: caseId },
          },
        ]),
  ]);
  await tx
    .updateTable("case_file")
    .set((eb) => ({
      version: eb("version", "+", 1),
      decided_version: eb("version", "+", 1),
      updated_at: new Date(now),
    }))
    .where("id", "=", caseId)
    .execute();
}
