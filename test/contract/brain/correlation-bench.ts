/** T2 alone on a real database: events are put into the inbox and worked off as a test says. */
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { uuidv7 } from "uuidv7";
import {
  mergeByOperator,
  type RegroupInput,
  splitByOperator,
  workOff,
  type WorkOffInput,
} from "../../../brain/intake/index.ts";
import { type Schema, transaction } from "../../../brain/store/index.ts";
import { type IncidentEvent, parseEventSource, parseEventType } from "../../../protocol/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { startTestPostgres } from "../../support/postgres.ts";

export interface CorrelationBench extends AsyncDisposable {
  readonly db: Kysely<Schema>;
  readonly clock: FakeClock;
  /** Statements sent so far. */
  statements(): number;
  /** Puts the events into the inbox; they were accepted now. */
  accept(events: readonly IncidentEvent[], skews?: Readonly<Record<string, number>>): Promise<void>;
  /** Works off all that waits, `batch` events at a time. */
  work(batch?: number, options?: Partial<WorkOffInput>): Promise<void>;
  merge(winnerId: string, loserId: string): Promise<void>;
  split(incidentId: string, alarmKeys: readonly string[]): Promise<string>;
  /** Alarm ids that are together, sorted. */
  groups(): Promise<string[][]>;
}

const INT8_OID = 20;

export async function startCorrelationBench(now: number): Promise<CorrelationBench> {
  const postgres = await startTestPostgres({ migrated: true });
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8_OID, Number);
  const pool = new pg.Pool({ connectionString: postgres.connectionString, max: 4, types });
  let statements = 0;
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool }),
    log: () => {
      statements += 1;
    },
  });
  const clock = new FakeClock(now);
  const endpointId = uuidv7();
  await db
    .insertInto("endpoint")
    .values({
      id: endpointId,
      department: "GA",
      url: "https://ga.example.org",
      secret: "x",
      enabled: true,
    })
    .execute();
  const input = (): RegroupInput => ({
    now: clock.now(),
    newId: uuidv7,
    filing: { automatic: ["S0", "S1", "S2", "S3", "S4"] },
    findEndpoint: (department) => (department === "GA" ? endpointId : undefined),
    cameraName: () => undefined,
    work: { add: (_base, from, ms) => from + ms, between: (_base, from, to) => to - from },
  });
  return {
    db,
    clock,
    statements: () => statements,
    accept: (events, skews = {}) => accept(db, events, clock.now(), skews),
    work: async (batch = 100, options = {}) => {
      for (;;) {
        const done = await transaction(db, (tx) => workOff(tx, { ...input(), ...options }, batch), {
          clock,
        });
        if (done.events < batch) {
          return;
        }
      }
    },
    merge: async (winnerId, loserId) => {
      const word = { actor: "officer:li", reason: "one and the same" };
      await transaction(db, (tx) => mergeByOperator(tx, { winnerId, loserId, ...word }, input()), {
        clock,
      });
    },
    split: async (incidentId, alarmKeys) => {
      const word = { actor: "officer:li", reason: "two different things" };
      const { incidentId: fresh } = await transaction(
        db,
        (tx) => splitByOperator(tx, { incidentId, alarmKeys, ...word }, input()),
        { clock },
      );
      return fresh;
    },
    groups: () => groupsIn(db),
    [Symbol.asyncDispose]: async () => {
      await db.destroy();
      await postgres.close();
    },
  };
}

async function accept(
  db: Kysely<Schema>,
  events: readonly IncidentEvent[],
  now: number,
  skews: Readonly<Record<string, number>>,
): Promise<void> {
  const nodes = new Set(events.map(({ data }) => data.device.nodeId as string));
  for (const id of nodes) {
    await db
      .insertInto("node")
      .values({ id, secret: "x", enabled: true, skew_ms: skews[id] ?? 0 })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }
  await db
    .insertInto("event")
    .values(
      events.map((event) => ({
        id: event.id,
        body: JSON.stringify(event),
        body_hash: event.id,
        node_id: parseEventSource(event.source)?.nodeId ?? "",
        camera_id: event.data.device.id,
        alarm_id: event.data.alarmId,
        event_type: parseEventType(event.type)?.code ?? "",
        phase: parseEventType(event.type)?.phase ?? "new",
        sequence: event.sequence,
        onset: new Date(event.data.onset),
        captured_at: new Date(event.data.capture.at),
        accepted_at: new Date(now),
      })),
    )
    .execute();
  await db
    .insertInto("inbox")
    .values(events.map(({ id }) => ({ event_id: id })))
    .execute();
}

async function groupsIn(db: Kysely<Schema>): Promise<string[][]> {
  const rows = await db.selectFrom("incident_alarm").select(["incident_id", "alarm_id"]).execute();
  const groups = new Map<string, string[]>();
  for (const { incident_id: id, alarm_id: alarm } of rows) {
    groups.set(id, [...(groups.get(id) ?? []), alarm]);
  }
  return [...groups.values()]
    .map((group) => group.sort())
    .sort((a, b) => (a.join() < b.join() ? -1 : 1));
}
