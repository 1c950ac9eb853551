/**
 * Tells subscribers of changed cases. Each has a cursor in the stream of changes: what it has not
 * taken stays in the database, in order, however long it is away; a change may come twice, never
 * not at all. A lease keeps two replicas from telling the same one at the same time.
 */
import { type Kysely, sql } from "kysely";
import type { CaseChanged, Clock, EpochMs } from "../../protocol/index.ts";
import { CLOUDEVENTS_BATCH_CONTENT_TYPE } from "../../protocol/index.ts";
import type { Log, Schema } from "../store/index.ts";
import type { Broker } from "./broker.ts";
import { caseChanged } from "./case-changed.ts";
import type { AttemptResult, WebhookPoster } from "./post-webhook.ts";

export interface SubscriberInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
  readonly poster: WebhookPoster;
  /** Takes what is told over MQTT, where one is configured. */
  readonly broker?: Broker;
  readonly timeoutMs: number;
  /** `webhook-signature` for a message under a subscription's sealed secret. */
  readonly sign: (sealed: string, name: string, id: string, atS: number, body: Buffer) => string;
  /** Resolves when a case has changed, or when the signal is aborted. */
  readonly changed: (signal: AbortSignal) => Promise<void>;
}

/** Changes of one message; several of one case in it are told as its newest state. */
const BATCH = 100;
/** Changes are told at the latest after this, should a notice have been lost. */
const LOOK_EVERY_MS = 2_000;
const LEASE_MARGIN_MS = 5_000;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

interface Claimed {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly secret: string;
  readonly event_types: readonly string[];
  readonly transport: "webhook" | "mqtt";
  readonly cursor: number;
  readonly failures: number;
  readonly token: string;
}

/** Runs until `signal` is aborted; what is in hand then is finished. */
export async function runSubscribers(input: SubscriberInput, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const told = await tellAll(input, signal);
      if (told > 0) {
        continue;
      }
    } catch (error) {
      input.log.warn({ reason: (error as Error).message }, "subscribers are told later");
    }
    const pause = new AbortController();
    const stop = (): void => pause.abort();
    signal.addEventListener("abort", stop, { once: true });
    const late = input.clock.wait(LOOK_EVERY_MS, pause.signal).catch(() => undefined);
    await Promise.race([input.changed(pause.signal), late]);
    pause.abort();
    signal.removeEventListener("abort", stop);
  }
}

/** @returns messages that were taken. */
async function tellAll(input: SubscriberInput, signal: AbortSignal): Promise<number> {
  const claimed = await claimDue(input);
  const results = await Promise.all(claimed.map((one) => tell(input, one, signal)));
  return results.filter(Boolean).length;
}

async function claimDue({
  db,
  clock,
  newId,
  timeoutMs,
  broker,
}: SubscriberInput): Promise<Claimed[]> {
  const now = clock.now();
  const at = new Date(now);
  const token = newId();
  const { rows } = await sql<Omit<Claimed, "token">>`
    update subscription set
      lease_token = ${token}, lease_until = ${new Date(now + timeoutMs + LEASE_MARGIN_MS)}
    where id in (
      select id from subscription
      where enabled and next_attempt_at <= ${at}
        and (lease_until is null or lease_until < ${at})
        and (transport = 'webhook' or ${broker !== undefined}::boolean)
        and cursor < (select coalesce(max(position), 0) from stream)
      for update skip locked
    )
    returning id, name, url, secret, event_types, transport, cursor, failures`.execute(db);
  return rows.map((row) => ({ ...row, token }));
}

/** @returns whether it was told and more may follow at once. */
async function tell(
  input: SubscriberInput,
  claimed: Claimed,
  signal: AbortSignal,
): Promise<boolean> {
  const { events, cursor } = await readChanges(input.db, claimed);
  if (events.length === 0 || signal.aborted) {
    await record(input, claimed, cursor, null);
    return events.length === 0 && cursor > claimed.cursor;
  }
  const result =
    claimed.transport === "mqtt" && input.broker !== undefined
      ? await input.broker.publish(events)
      : await post(input, claimed, cursor, events);
  await record(input, claimed, result.error === null ? cursor : claimed.cursor, result);
  return result.error === null;
}

function post(
  input: SubscriberInput,
  claimed: Claimed,
  cursor: number,
  events: readonly CaseChanged[],
): Promise<AttemptResult> {
  const body = Buffer.from(JSON.stringify(events));
  const id = `${claimed.id}.${cursor}`;
  return input.poster.post({
    url: claimed.url,
    id,
    body,
    contentType: CLOUDEVENTS_BATCH_CONTENT_TYPE,
    sign: (atS) => input.sign(claimed.secret, claimed.name, id, atS, body),
  });
}

async function readChanges(db: Kysely<Schema>, { cursor, event_types: types }: Claimed) {
  const changes = await db
    .selectFrom("stream")
    .select(["position", "case_id"])
    .where("position", ">", cursor)
    .orderBy("position")
    .limit(BATCH)
    .execute();
  const ids = [...new Set(changes.map((change) => change.case_id))];
  const rows =
    ids.length === 0
      ? []
      : await db.selectFrom("case_file").selectAll().where("id", "in", ids).execute();
  const wanted = rows.filter((row) => types.length === 0 || types.includes(row.event_type));
  const events = wanted.map(caseChanged) as CaseChanged[];
  return { events, cursor: changes.at(-1)?.position ?? cursor };
}

/** Guarded by the lease: a slower holder does not move the cursor back. */
async function record(
  { db, clock }: SubscriberInput,
  { id, token, failures }: Claimed,
  cursor: number,
  result: AttemptResult | null,
): Promise<void> {
  const now = clock.now();
  const isFailure = result !== null && result.error !== null;
  const outcome =
    result === null
      ? {}
      : {
          failures: isFailure ? failures + 1 : 0,
          last_error: result.error,
          next_attempt_at: new Date(isFailure ? now + pauseMs(failures, result) : now),
          ...(isFailure ? {} : { last_success_at: new Date(now) }),
        };
  await db
    .updateTable("subscription")
    .set({ cursor, lease_token: null, lease_until: null, ...outcome })
    .where("id", "=", id)
    .where("lease_token", "=", token)
    .execute();
}

function pauseMs(failures: number, { retryAfterMs }: AttemptResult): EpochMs {
  const growing = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
  return Math.max(growing, Math.min(retryAfterMs ?? 0, 10 * MAX_PAUSE_MS));
}
