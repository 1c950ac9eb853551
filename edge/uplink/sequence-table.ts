import type { Clock } from "../../protocol/index.ts";
import type { OutboxDatabase } from "./outbox-database.ts";

/** 12 digits hold centiseconds since the epoch until the year 2286. */
const CENTISECOND_MS = 10;

/**
 * The wire's `sequence` of each camera. A camera that this data directory has never seen starts at
 * the wall clock in centiseconds, not at 1: its numbers then still rise after the directory was
 * lost or moved aside, as long as a camera makes fewer than 100 events a second.
 */
export class SequenceTable {
  readonly #db: OutboxDatabase;
  readonly #clock: Clock;
  readonly #latest = new Map<string, number>();

  constructor(db: OutboxDatabase, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  next(camera: string): string {
    const number = (this.#latest.get(camera) ?? this.#read(camera)) + 1;
    this.#latest.set(camera, number);
    return String(number).padStart(12, "0");
  }

  /** Makes a number durable, inside the transaction that appends its event. */
  record(camera: string, sequence: number): void {
    this.#db
      .prepare(
        `insert into meta (camera, sequence) values (?, ?)
         on conflict (camera) do update set sequence = max(sequence, excluded.sequence)`,
      )
      .run(camera, sequence);
  }

  #read(camera: string): number {
    const row = this.#db.prepare("select sequence from meta where camera = ?").get(camera) as
      | { sequence: number }
      | undefined;
    return row?.sequence ?? Math.floor(this.#clock.now() / CENTISECOND_MS);
  }
}
