import { problemSchema } from "../../protocol/index.ts";
import type { EpochMs, RemoteProblem } from "../../protocol/index.ts";
import type { OutboxDatabase } from "./outbox-database.ts";

/** More refused events than a human will ever read; the oldest go first. */
const MAX_REJECTED = 1000;

/** An event that the brain will never take, and why. */
export interface RejectedEvent {
  readonly id: string;
  readonly camera: string;
  readonly body: string;
  readonly problem: RemoteProblem;
  readonly at: EpochMs;
}

/** Refused events, kept aside for a human. All methods run inside the caller's transaction. */
export class RejectedTable {
  readonly #db: OutboxDatabase;

  constructor(db: OutboxDatabase) {
    this.#db = db;
  }

  add({ id, camera, body, problem, at }: RejectedEvent): void {
    this.#db
      .prepare("insert or replace into rejected (id, camera, body, problem, at) values (?,?,?,?,?)")
      .run(id, camera, body, JSON.stringify(problem), at);
    this.#db
      .prepare(
        "delete from rejected where rowid <= (select rowid from rejected order by rowid desc limit 1 offset ?)",
      )
      .run(MAX_REJECTED);
  }

  latest(limit: number): RejectedEvent[] {
    const rows = this.#db
      .prepare("select id, camera, body, problem, at from rejected order by rowid desc limit ?")
      .all(limit) as (Omit<RejectedEvent, "problem"> & { problem: string })[];
    return rows.map((row) => ({ ...row, problem: problemSchema.parse(JSON.parse(row.problem)) }));
  }
}
