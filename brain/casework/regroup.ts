/** Carries out what an operator says of incidents, once, against the versions that he has seen. */
import type { Transaction } from "kysely";
import { appendAudit } from "../audit/index.ts";
import { actorName, mayRegroup, maySplit } from "../cases/index.ts";
import {
  type Actor,
  auditName,
  type MergeIncidents,
  PermanentError,
  type RegroupAnswer,
  regroupAnswerSchema,
  type SplitIncident,
  type Viewer,
} from "../../protocol/index.ts";
import { inScope, loadCase, type LoadedCase, type Schema } from "../store/index.ts";
import { requireFresh } from "./case-commands.ts";
import type { Regrouped, RegroupingInput } from "./deps.ts";
import { actorsOf } from "./operator-actor.ts";
import { type Done, type Ran, runOnce } from "./run-once.ts";

export interface RegroupOrder {
  readonly viewer: Viewer;
  readonly key: string;
  readonly address: string;
}

type Answer = Omit<RegroupAnswer, "repeated">;

/**
 * @throws PermanentError NOT_FOUND for an incident without a case that the viewer sees,
 * VERSION_STALE, STATE_CONFLICT, COMMAND_REFUSED or KEY_REUSED.
 */
export function mergeIncidents(
  input: RegroupingInput,
  id: string,
  merge: MergeIncidents,
  order: RegroupOrder,
): Promise<Ran<Answer>> {
  const once = { principal: auditName(order.viewer), key: order.key, body: { id, merge } };
  const otherId = (merge.into ?? merge.with) as string;
  return runOnce(input, once, async (tx, now) => {
    if (otherId === id) {
      throw new PermanentError("STATE_CONFLICT", "An incident cannot be merged with itself", {
        where: merge.into === undefined ? "with" : "into",
        expected: "two incidents",
        got: id,
      });
    }
    const own = await loadOfIncident(tx, id, order.viewer);
    const other = await loadOfIncident(tx, otherId, order.viewer);
    await requireFresh(tx, own, merge.expectedVersion);
    await requireFresh(tx, other, merge.otherVersion, "otherVersion");
    const [winner, loser] = merge.into === undefined ? [own, other] : [other, own];
    requireMergeable(winner, loser);
    const actor = actorOf(own, order.viewer);
    const { reason } = merge;
    const ids = { winnerId: winner.row.incident_id, loserId: loser.row.incident_id };
    const regrouped = await input.regrouping.merge(tx, { ...ids, actor, reason }, now);
    await audit(tx, order, now, {
      action: "incident.merge",
      subject: `incident:${ids.winnerId}`,
      facts: { took: ids.loserId, case: winner.row.id, from: loser.row.id, reason },
    });
    return done(tx, regrouped, own);
  });
}

/** @throws as `mergeIncidents` does. */
export function splitIncident(
  input: RegroupingInput,
  id: string,
  split: SplitIncident,
  order: RegroupOrder,
): Promise<Ran<Answer>> {
  const once = { principal: auditName(order.viewer), key: order.key, body: { id, split } };
  return runOnce(input, once, async (tx, now) => {
    const own = await loadOfIncident(tx, id, order.viewer);
    await requireFresh(tx, own, split.expectedVersion);
    if (!maySplit(own.record)) {
      throw new PermanentError("STATE_CONFLICT", "The case is part of another by now", {
        expected: "a case that was not merged",
        got: own.record.state,
      });
    }
    const { alarms, reason } = split;
    const actor = actorOf(own, order.viewer);
    const said = { incidentId: id, alarmKeys: alarms, actor, reason };
    const regrouped = await input.regrouping.split(tx, said, now);
    await audit(tx, order, now, {
      action: "incident.split",
      subject: `incident:${id}`,
      facts: { into: regrouped.incidentId, alarms: alarms.length, case: own.row.id, reason },
    });
    return done(tx, regrouped, own);
  });
}

/** The case of an incident, within what the viewer sees. */
export async function caseOfIncident(
  db: Transaction<Schema> | RegroupingInput["db"],
  incidentId: string,
  viewer: Viewer,
): Promise<string> {
  const row = await db
    .selectFrom("case_file")
    .select("id")
    .where("incident_id", "=", incidentId)
    .where((eb) => inScope(eb, viewer))
    .executeTakeFirst();
  if (row === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such incident with a case", {
      where: incidentId,
    });
  }
  return row.id;
}

async function loadOfIncident(
  tx: Transaction<Schema>,
  incidentId: string,
  viewer: Viewer,
): Promise<LoadedCase> {
  return loadCase(tx, await caseOfIncident(tx, incidentId, viewer));
}

const WAITING: ReadonlySet<string> = new Set(["REPORTED", "VERIFYING", "FILED", "DISPATCHED"]);

/** Nothing joins what is over, and what people work on never ends in what they do not. */
function requireMergeable(winner: LoadedCase, loser: LoadedCase): void {
  for (const { record, row } of [winner, loser]) {
    if (!mayRegroup(record)) {
      throw new PermanentError("STATE_CONFLICT", "Only open cases are merged", {
        where: `case ${row.number}`,
        expected: "an open case",
        got: record.state,
      });
    }
  }
  if (!WAITING.has(loser.record.state) && WAITING.has(winner.record.state)) {
    throw new PermanentError("COMMAND_REFUSED", "The case that people work on must stay", {
      where: `case ${loser.row.number}`,
      expected: `a merge into case ${loser.row.number}`,
      got: `a merge into case ${winner.row.number}, which nobody has taken`,
    });
  }
}

const REGROUPERS: readonly Actor["role"][] = ["officer", "dispatcher", "supervisor"];

function actorOf({ record }: LoadedCase, viewer: Viewer): string {
  const actor = actorsOf(viewer, record.lead).find(({ role }) => REGROUPERS.includes(role));
  return actor === undefined ? auditName(viewer) : actorName(actor);
}

async function done(
  tx: Transaction<Schema>,
  { incidentId, caseId, endpointIds }: Regrouped,
  own: LoadedCase,
): Promise<Done<Answer>> {
  const answer = regroupAnswerSchema.omit({ repeated: true }).parse({
    incidentId,
    case: caseId === null ? null : await shortView(tx, caseId),
    own: await shortView(tx, own.row.id),
  });
  return { answer, endpointIds };
}

function shortView(tx: Transaction<Schema>, caseId: string) {
  return tx
    .selectFrom("case_file")
    .select(["id", "number", "state", "version"])
    .where("id", "=", caseId)
    .executeTakeFirstOrThrow();
}

interface Said {
  readonly action: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

function audit(
  tx: Transaction<Schema>,
  { viewer, address }: RegroupOrder,
  now: number,
  said: Said,
): Promise<void> {
  return appendAudit(tx, [{ at: now, actor: auditName(viewer), address, ...said }]);
}
