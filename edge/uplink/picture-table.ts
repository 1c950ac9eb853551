import type { Phase } from "../../protocol/index.ts";
import type { OutboxDatabase } from "./outbox-database.ts";

export interface PictureRow {
  readonly event: string;
  readonly sha256: string;
  readonly path: string;
  readonly bytes: number;
  readonly phase: Phase;
}

/** A picture whose event the brain has accepted. */
export type WaitingPicture = Pick<PictureRow, "event" | "sha256" | "path" | "bytes">;

/**
 * Which event needs which picture. A row lives until the brain has both; one picture may belong to
 * several events. All methods that write run inside the caller's transaction.
 */
export class PictureTable {
  readonly #db: OutboxDatabase;

  constructor(db: OutboxDatabase) {
    this.#db = db;
  }

  add({ event, sha256, path, bytes, phase }: PictureRow): void {
    this.#db
      .prepare(
        `insert or ignore into evidence (event, sha256, path, bytes, phase)
         values (?, ?, ?, ?, ?)`,
      )
      .run(event, sha256, path, bytes, phase);
  }

  refers(sha256: string): boolean {
    const row = this.#db.prepare("select 1 as one from evidence where sha256 = ? limit 1");
    return row.get(sha256) !== undefined;
  }

  /** The event was accepted: its pictures may go. Gives those that the brain has already. */
  markReady(event: string): string[] {
    const had = this.#db
      .prepare("delete from evidence where event = ? and uploaded = 1 returning sha256")
      .all(event);
    this.#db.prepare("update evidence set ready = 1 where event = ?").run(event);
    return shas(had);
  }

  waiting(limit: number): WaitingPicture[] {
    return this.#db
      .prepare(
        `select event, sha256, path, bytes from evidence where ready = 1 order by rowid limit ?`,
      )
      .all(limit) as WaitingPicture[];
  }

  /** No more needs to be sent of this picture, whichever event it belongs to. */
  settle(sha256: string): void {
    this.#db.prepare("delete from evidence where sha256 = ? and ready = 1").run(sha256);
    this.#db.prepare("update evidence set uploaded = 1 where sha256 = ?").run(sha256);
  }

  removeOf(event: string): string[] {
    const gone = this.#db.prepare("delete from evidence where event = ? returning sha256");
    return shas(gone.all(event));
  }

  /** Pictures that only `update` phases need, oldest first. */
  ofUpdates(): string[] {
    const rows = this.#db.prepare(
      `select sha256 from evidence as mine where phase = 'update' and not exists (
         select 1 from evidence as other
         where other.sha256 = mine.sha256 and other.phase <> 'update')
       group by sha256 order by min(rowid)`,
    );
    return shas(rows.all());
  }

  removeUpdates(sha256: string): void {
    this.#db.prepare("delete from evidence where sha256 = ? and phase = 'update'").run(sha256);
  }
}

function shas(rows: unknown[]): string[] {
  return (rows as { sha256: string }[]).map(({ sha256 }) => sha256);
}
