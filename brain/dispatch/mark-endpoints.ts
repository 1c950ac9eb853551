/** What a group of attempts says of the endpoints they went to: their circuits, in order. */
import { sql, type Transaction } from "kysely";
import type { EpochMs } from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import type { Schema } from "../store/index.ts";
import { type Circuit, CLOSED, failed } from "./circuit.ts";
import type { Attempted } from "./record-attempts.ts";
import { failureOf } from "./retry-schedule.ts";

export interface MarkedEndpoint {
  /** Whether the endpoint's attempt before this one had failed. */
  readonly hadFailed: boolean;
  readonly circuit: Circuit;
  /** Parked by this very attempt. */
  readonly parked: boolean;
}

interface EndpointState {
  readonly department: string;
  circuit: Circuit;
  lastError: string | null;
  succeeded: boolean;
}

/** @returns what became of the endpoint by each attempt, in their order. */
export async function markEndpoints(
  tx: Transaction<Schema>,
  attempts: readonly Attempted[],
  { now, random }: { readonly now: EpochMs; readonly random: () => number },
): Promise<readonly MarkedEndpoint[]> {
  const endpoints = await readEndpoints(
    tx,
    attempts.map(({ claim }) => claim.endpointId),
  );
  const audited: Parameters<typeof appendAudit>[1][number][] = [];
  const marked = attempts.map(({ claim, result }): MarkedEndpoint => {
    const state = endpoints.get(claim.endpointId);
    const before = state?.circuit ?? CLOSED;
    const isSuccess = result.error === null;
    const kind = failureOf(result.status);
    const { retryAfterMs } = result;
    const circuit = isSuccess ? CLOSED : failed(before, { now, kind, retryAfterMs, random });
    const parked = before.parkedAt === null && circuit.parkedAt !== null;
    const isBack = before.parkedAt !== null && circuit.parkedAt === null;
    if (state !== undefined) {
      state.circuit = circuit;
      state.lastError = result.error;
      state.succeeded ||= isSuccess;
      if (parked || isBack) {
        audited.push({
          at: now,
          actor: "system",
          action: parked ? "endpoint.parked" : "endpoint.back",
          subject: `endpoint:${state.department}`,
          facts: { failures: before.failures + (isSuccess ? 0 : 1), error: result.error },
        });
      }
    }
    return { hadFailed: isSuccess && before.failures > 0, circuit, parked };
  });
  await writeEndpoints(tx, endpoints, now);
  if (audited.length > 0) {
    await appendAudit(tx, audited);
  }
  return marked;
}

async function readEndpoints(
  tx: Transaction<Schema>,
  ids: readonly string[],
): Promise<Map<string, EndpointState>> {
  const rows = await tx
    .selectFrom("endpoint")
    .select(["id", "department", "failures", "failing_since", "probe_at", "parked_at"])
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(
    rows.map((row) => {
      const circuit: Circuit = {
        failures: row.failures,
        failingSince: row.failing_since?.getTime() ?? null,
        probeAt: row.probe_at?.getTime() ?? null,
        parkedAt: row.parked_at?.getTime() ?? null,
      };
      const { department } = row;
      return [row.id, { department, circuit, lastError: null, succeeded: false }];
    }),
  );
}

async function writeEndpoints(
  tx: Transaction<Schema>,
  endpoints: ReadonlyMap<string, EndpointState>,
  now: EpochMs,
): Promise<void> {
  const time = (ms: EpochMs | null): string | null =>
    ms === null ? null : new Date(ms).toISOString();
  const rows = [...endpoints].map(([id, { circuit, lastError, succeeded }]) => ({
    id,
    failures: circuit.failures,
    failing_since: time(circuit.failingSince),
    probe_at: time(circuit.probeAt),
    parked_at: time(circuit.parkedAt),
    error: lastError,
    succeeded,
  }));
  const at = new Date(now);
  await sql`
    update endpoint set
      last_attempt_at = ${at}::timestamptz, last_error = v.error,
      last_success_at =
        case when v.succeeded then ${at}::timestamptz else endpoint.last_success_at end,
      failures = v.failures, failing_since = v.failing_since, probe_at = v.probe_at,
      parked_at = v.parked_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      id uuid, failures int, failing_since timestamptz, probe_at timestamptz,
      parked_at timestamptz, error text, succeeded boolean)
    where endpoint.id = v.id`.execute(tx);
}
