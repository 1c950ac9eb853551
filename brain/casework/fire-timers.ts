/** T3, second half: what the claimed timers mean, in one transaction guarded by the lease. */
import { sql, type Transaction } from "kysely";
import {
  type CaseEffect,
  type CaseRecord,
  type CaseTimerKind,
  fireCaseTimer,
  fireWhistleTimer,
  raise,
  standingOf,
} from "../cases/index.ts";
import type { EpochMs } from "../../protocol/index.ts";
import {
  type CaseChange,
  loadCases,
  type LoadedCase,
  type LoadedWhistle,
  lockCases,
  saveCases,
  type Schema,
  transaction,
} from "../store/index.ts";
import type { TimerClaim } from "./claim-timers.ts";
import { type CaseworkInput, coDepartmentsOf } from "./deps.ts";

export interface Fired {
  /** Timers that were still ours. */
  readonly timers: number;
  readonly endpointIds: readonly string[];
  /** When they were due. */
  readonly dueAt: readonly EpochMs[];
}

interface HeldTimer {
  readonly subject: string;
  readonly kind: string;
  readonly case_id: string;
  readonly due_at: Date;
}

/** Fires what the token still holds; a lease that another has taken over fires nothing here. */
export function fireTimers(input: CaseworkInput, claim: TimerClaim): Promise<Fired> {
  const work = async (tx: Transaction<Schema>): Promise<Fired> => {
    await lockCases(tx);
    const held = await readHeld(tx, claim);
    const now = input.clock.now();
    const cases = await loadCases(tx, [...new Set(held.map((timer) => timer.case_id))]);
    const changes = [...cases.values()].map((loaded) =>
      fireOfCase(
        input,
        loaded,
        held.filter((timer) => timer.case_id === loaded.row.id),
        now,
      ),
    );
    const saved = await saveCases(tx, changes, input, { now, firedBy: claim.token });
    return {
      timers: held.length,
      endpointIds: saved.endpointIds,
      dueAt: held.map((timer) => timer.due_at.getTime()),
    };
  };
  return transaction(input.db, work, { clock: input.clock });
}

async function readHeld(
  tx: Transaction<Schema>,
  { token, timers }: TimerClaim,
): Promise<readonly HeldTimer[]> {
  const { rows } = await sql<HeldTimer>`
    select timer.subject, timer.kind, case_id, due_at
    from unnest(
      ${timers.map(({ subject }) => subject)}::uuid[], ${timers.map(({ kind }) => kind)}::text[]
    ) as claimed (subject, kind)
    join timer on timer.subject = claimed.subject and timer.kind = claimed.kind
    where lease_token = ${token}::uuid
    order by due_at`.execute(tx);
  return rows;
}

function fireOfCase(
  input: CaseworkInput,
  loaded: LoadedCase,
  timers: readonly HeldTimer[],
  now: EpochMs,
): CaseChange {
  const whistles = new Map(loaded.whistles.map((one) => [one.id, one]));
  const changed = new Map<string, LoadedWhistle>();
  const effects: CaseEffect[] = [];
  let record: CaseRecord = loaded.record;
  const context = {
    work: input.work,
    now,
    coDepartments: coDepartmentsOf(input, loaded),
  };
  for (const { subject, kind } of timers) {
    const whistle = changed.get(subject) ?? whistles.get(subject);
    if (whistle === undefined) {
      const outcome = fireCaseTimer(record, kind as CaseTimerKind, context);
      record = outcome.record;
      effects.push(...outcome.effects);
    } else {
      const fired = fireWhistleTimer(whistle.record, input.work, now);
      changed.set(subject, { ...whistle, record: fired.record });
      const raised = raise(record, fired.escalateTo ?? 0, "a department did not report in");
      record = withStanding(raised.record, subject, fired.record);
      effects.push(...fired.effects, ...raised.effects);
    }
  }
  return {
    before: loaded,
    record,
    effects,
    actor: "system",
    decided: record.state !== loaded.record.state,
    whistles: [...changed.values()],
  };
}

function withStanding(
  record: CaseRecord,
  id: string,
  whistle: LoadedWhistle["record"],
): CaseRecord {
  return {
    ...record,
    whistles: record.whistles.map((one) => (one.id === id ? standingOf(id, whistle) : one)),
  };
}
