/** Sends deliveries again that were delivered or are dead, under their own ids. */
import { type Kysely, type SelectQueryBuilder, sql, type Transaction } from "kysely";
import { type Clock, type Replay, type ReplayAnswer, parseTime } from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import { type Schema, transaction } from "../store/index.ts";

export interface ReplayInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
}

export interface Replayed extends ReplayAnswer {
  readonly endpointIds: readonly string[];
}

/** A replay of more is asked for in parts. */
const MAX_AT_ONCE = 10_000;
const SHOWN = 100;
/** As a new delivery's: fast for the first minutes, then slowly for three days. */
const FAST_MS = 5 * 60_000;
const GIVE_UP_MS = 72 * 3_600_000;

type Chosen = SelectQueryBuilder<Schema, "delivery", { id: string; endpoint_id: string }>;

export function replayDeliveries(
  input: ReplayInput,
  { what, reason, dryRun }: Replay,
  actor: string,
): Promise<Replayed> {
  const now = input.clock.now();
  const work = async (tx: Transaction<Schema>): Promise<Replayed> => {
    const rows = await choose(tx, what).execute();
    const ids = rows.map((row) => row.id);
    const answer = { count: ids.length, ids: ids.slice(0, SHOWN), dryRun };
    if (dryRun || ids.length === 0) {
      return { ...answer, endpointIds: [] };
    }
    await tx
      .updateTable("delivery")
      .set((eb) => ({
        state: "PENDING",
        next_attempt_at: new Date(now),
        fast_until: new Date(now + FAST_MS),
        give_up_at: new Date(now + GIVE_UP_MS),
        slow_attempts: 0,
        replays: eb("replays", "+", 1),
      }))
      .where("id", "in", ids)
      .execute();
    await appendAudit(tx, [
      {
        at: now,
        actor,
        action: "delivery.replay",
        subject: ids.length === 1 ? `delivery:${ids[0] ?? ""}` : "deliveries",
        purpose: reason,
        facts: { count: ids.length, kind: what.kind },
      },
    ]);
    return { ...answer, endpointIds: [...new Set(rows.map((row) => row.endpoint_id))] };
  };
  return transaction(input.db, work, { clock: input.clock });
}

function choose(tx: Transaction<Schema>, what: Replay["what"]): Chosen {
  const ended = tx
    .selectFrom("delivery")
    .select(["id", "endpoint_id"])
    // Nobody is called to a task that was withdrawn.
    .where((eb) =>
      eb.or([
        sql<boolean>`payload ->> 'type' <> 'task.dispatched'`,
        eb.not(
          eb.exists(
            eb
              .selectFrom("task")
              .select("task.id")
              .whereRef("task.id", "=", "delivery.task_id")
              .where("task.state", "=", "WITHDRAWN"),
          ),
        ),
      ]),
    )
    .orderBy("id")
    .limit(MAX_AT_ONCE)
    .forUpdate()
    .skipLocked();
  switch (what.kind) {
    case "one":
      return ended.where("id", "in", what.ids).where("state", "in", ["DELIVERED", "DEAD"]);
    case "range":
      return ended
        .where("department", "=", what.department)
        .where("created_at", ">=", new Date(parseTime(what.from)))
        .where("created_at", "<", new Date(parseTime(what.to)))
        .where("state", "in", ["DELIVERED", "DEAD"]);
    case "missing":
      return what.department === undefined
        ? ended.where("state", "=", "DEAD")
        : ended.where("state", "=", "DEAD").where("department", "=", what.department);
  }
}
