/**
 * What correlation changes of cases that exist, beside counting events: a case that turns out to be
 * graver or urgent, and cases that turn out to be one. Rare, so each is decided by itself.
 */
import { sql, type Transaction } from "kysely";
import {
  type CaseEffect,
  type CaseRecord,
  decideCase,
  type FilingPolicy,
  type FindEndpoint,
  note,
  policyOf,
  routeCase,
  type RouteType,
  SYSTEM_ACTOR,
  type WorkTime,
} from "../cases/index.ts";
import { standingOf } from "./load-correlation.ts";
import {
  type CaseId,
  type CaseState,
  CLOCK_POLICIES,
  type EpochMs,
  type EventType,
  findEventType,
  type Severity,
} from "../../protocol/index.ts";
import { type LoadedCase, loadCases, saveCases, type Schema } from "../store/index.ts";

export interface ChangeCasesInput {
  readonly now: EpochMs;
  readonly newId: () => string;
  readonly filing: FilingPolicy;
  readonly findEndpoint: FindEndpoint;
  /** Who leads at a place; the catalogue alone where absent. */
  readonly route?: RouteType;
  readonly work: WorkTime;
}

/** A case that asks for more than it did. */
export interface CaseRaise {
  readonly caseId: string;
  /** Of the gravest of the new events, where it is graver than the case. */
  readonly graver: { readonly type: EventType; readonly severity: Severity } | null;
  /** False where everything graver came late: nobody is sent for that. */
  readonly mayFile: boolean;
  readonly link: string;
}

export interface CaseMerge {
  readonly winnerCaseId: string;
  readonly loserCaseId: string;
  readonly actor: string;
  readonly link: string;
  /** An operator's; a merge by the brain says why in `link`. */
  readonly reason?: string;
}

const OPEN_TO_TYPE: ReadonlySet<CaseState> = new Set(["REPORTED", "VERIFYING"]);
const OVER: ReadonlySet<CaseState> = new Set([
  "REJECTED",
  "MERGED",
  "CLOSED",
  "EVALUATED",
  "CANCELLED",
  "ARCHIVED",
]);

/** @returns the endpoints that got something to receive. */
export async function raiseCases(
  tx: Transaction<Schema>,
  raises: readonly CaseRaise[],
  input: ChangeCasesInput,
): Promise<readonly string[]> {
  if (raises.length === 0) {
    return [];
  }
  const loaded = await loadCases(
    tx,
    raises.map(({ caseId }) => caseId),
  );
  const changes = raises.flatMap((raise) => {
    const found = loaded.get(raise.caseId);
    return found === undefined || OVER.has(found.row.state) ? [] : [{ raise, before: found }];
  });
  await retype(
    tx,
    changes.flatMap(({ raise, before }) =>
      raise.graver === null ? [] : [{ graver: raise.graver, before }],
    ),
  );
  const saved = await saveCases(
    tx,
    changes.map(({ raise, before }) => {
      const raised = raiseOne(raise, before, input);
      return { before: retyped(before, raise), ...raised, actor: "system", decided: true };
    }),
    depsOf(input),
    { now: input.now },
  );
  return saved.endpointIds;
}

function raiseOne(
  { graver, mayFile, link }: CaseRaise,
  before: LoadedCase,
  { filing, findEndpoint, route, now }: ChangeCasesInput,
): { record: CaseRecord; effects: CaseEffect[] } {
  const { state, location } = before.row;
  const here = (type: EventType): EventType => route?.(type, location.gridCode) ?? type;
  const facts =
    graver === null ? { link } : { link, graver: graver.type.code, severity: graver.severity };
  const effects: CaseEffect[] = [note("updated", facts)];
  if (!OPEN_TO_TYPE.has(state)) {
    // People are on their way: those whom the graver type calls join them.
    const shares = graver === null ? [] : routeCase(here(graver.type), findEndpoint);
    const called = shares.map(({ department, role }) => ({
      department,
      role: role === "lead" ? ("co" as const) : role,
    }));
    return {
      record: before.record,
      effects: called.length === 0 ? effects : [...effects, { kind: "send", shares: called }],
    };
  }
  const record = graver === null ? before.record : ofType(before.record, here(graver.type));
  if (!mayFile || !filing.automatic.includes(record.serviceLevel)) {
    return { record, effects };
  }
  const command = { kind: "file", standard: "automatic" } as const;
  const filed = decideCase(record, command, { actor: SYSTEM_ACTOR, now });
  const type = graver?.type ?? findEventType(before.row.event_type);
  const shares = type === undefined ? [] : routeCase(here(type), findEndpoint);
  return {
    record: { ...filed.record, round: { ...filed.record.round, sentAt: now } },
    effects: [...effects, ...filed.effects, { kind: "send", shares }],
  };
}

function ofType(record: CaseRecord, type: EventType): CaseRecord {
  return { ...record, serviceLevel: type.sla, lead: type.lead, policy: policyOf(type.sla) };
}

interface Graver {
  readonly before: LoadedCase;
  readonly graver: NonNullable<CaseRaise["graver"]>;
}

/** A case that waits becomes one of the graver type; one that does not keeps its type. */
async function retype(tx: Transaction<Schema>, changes: readonly Graver[]): Promise<void> {
  if (changes.length === 0) {
    return;
  }
  const rows = changes.map(({ before: { row }, graver: { type, severity } }) => {
    const limits = CLOCK_POLICIES[type.sla];
    const changed = OPEN_TO_TYPE.has(row.state);
    return {
      id: row.id,
      severity,
      event_type: changed ? type.code : row.event_type,
      title: changed ? { zh: type.zh, en: type.en } : row.title,
      line: changed ? type.line : row.line,
      service_level: changed ? type.sla : row.service_level,
      report: changed ? limits.report : row.report_limit_ms,
      dispatch: changed ? limits.dispatch : row.dispatch_limit_ms,
      contain: changed ? limits.contain : row.contain_limit_ms,
    };
  });
  await sql`
    update case_file set
      severity = least(case_file.severity, v.severity), event_type = v.event_type,
      title = v.title, line = v.line, service_level = v.service_level,
      report_limit_ms = v.report, dispatch_limit_ms = v.dispatch, contain_limit_ms = v.contain
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      id uuid, severity int, event_type text, title jsonb, line text, service_level text,
      report int, dispatch int, contain int)
    where case_file.id = v.id`.execute(tx);
}

/** The row as `retype` left it: what is sent says what the case is now. */
function retyped(before: LoadedCase, { graver }: CaseRaise): LoadedCase {
  if (graver === null) {
    return before;
  }
  const { row } = before;
  const severity = Math.min(row.severity, graver.severity) as Severity;
  const { type } = graver;
  const named = OPEN_TO_TYPE.has(row.state)
    ? {
        event_type: type.code,
        title: { zh: type.zh, en: type.en },
        line: type.line,
        service_level: type.sla,
      }
    : {};
  return { ...before, row: { ...row, severity, ...named } };
}

/**
 * The loser's case ends as MERGED, its messages are withdrawn, and its departments go on under the
 * winner. A loser that people work on already stays open beside the winner and refers to it.
 */
export async function mergeCases(
  tx: Transaction<Schema>,
  merges: readonly CaseMerge[],
  input: ChangeCasesInput,
): Promise<readonly string[]> {
  const endpointIds: string[] = [];
  for (const merge of merges) {
    const loaded = await loadCases(tx, [merge.winnerCaseId, merge.loserCaseId]);
    const winner = loaded.get(merge.winnerCaseId);
    const loser = loaded.get(merge.loserCaseId);
    if (winner === undefined || loser === undefined) {
      continue;
    }
    const shares = await liveShares(tx, loser.row.id);
    const absorbed = absorb(merge, loser, winner, input.now);
    const goesOn = absorbed.ends && !OPEN_TO_TYPE.has(winner.row.state) && shares.length > 0;
    const saved = await saveCases(
      tx,
      [
        { before: loser, ...absorbed.change, actor: merge.actor, decided: true },
        {
          before: winner,
          record: winner.record,
          effects: [
            note("merged", {
              ...{ from: loser.row.number, fromId: loser.row.id, link: merge.link },
              ...(merge.reason === undefined ? {} : { reason: merge.reason }),
            }),
            ...(goesOn ? [{ kind: "send" as const, shares }] : []),
          ],
          actor: merge.actor,
          // An operator's word is a decision, which whoever comes second must see first.
          decided: merge.reason !== undefined,
        },
      ],
      depsOf(input),
      { now: input.now },
    );
    endpointIds.push(...saved.endpointIds);
    await tx
      .updateTable("case_file")
      .set({ severity: sql<Severity>`least(severity, ${loser.row.severity}::int)` })
      .where("id", "=", winner.row.id)
      .execute();
  }
  return endpointIds;
}

interface Absorbed {
  readonly ends: boolean;
  readonly change: { readonly record: CaseRecord; readonly effects: readonly CaseEffect[] };
}

function absorb(merge: CaseMerge, loser: LoadedCase, winner: LoadedCase, now: EpochMs): Absorbed {
  const { state } = loser.row;
  const { reason } = merge;
  const facts = {
    ...{ into: winner.row.id, number: winner.row.number, link: merge.link },
    ...(reason === undefined ? {} : { reason }),
  };
  if (!OPEN_TO_TYPE.has(state) && standingOf(state) !== "sent") {
    const effects = [note("updated", { ...facts, relatedOnly: true })];
    return { ends: false, change: { record: loser.record, effects } };
  }
  const command = { kind: "merge", into: winner.row.id as CaseId } as const;
  const { record, effects } = decideCase(loser.record, command, { actor: SYSTEM_ACTOR, now });
  const mergedInto = { caseId: winner.row.id, caseNumber: winner.row.number };
  return {
    ends: true,
    change: {
      record,
      effects: effects.map((effect) => {
        switch (effect.kind) {
          case "withdraw":
            return { ...effect, reason: `merged into case ${winner.row.number}`, mergedInto };
          case "note":
            return note("merged", facts);
          default:
            return effect;
        }
      }),
    },
  };
}

/** Departments that act in the case now, as they would act in another: beside its lead. */
async function liveShares(tx: Transaction<Schema>, caseId: string) {
  const rows = await tx
    .selectFrom("task")
    .select(["department", "role"])
    .where("case_id", "=", caseId)
    .where("state", "not in", ["RETURNED", "WITHDRAWN"])
    .where("role", "!=", "informed")
    .execute();
  return rows.map(({ department }) => ({ department, role: "co" as const }));
}

function depsOf({ work, newId, findEndpoint }: ChangeCasesInput) {
  return { work, newId, findEndpoint };
}
