/**
 * The durable outbox: an event is on disk (fsynced) when `append` returns, and is forgotten only
 * when the brain has said what became of it.
 */
import path from "node:path";
import {
  AppError,
  EVENT_BYTES,
  parseEventType,
  PermanentError,
  TransientError,
} from "../../protocol/index.ts";
import type {
  Clock,
  EventResult,
  IncidentEvent,
  Phase,
  RemoteProblem,
} from "../../protocol/index.ts";
import { EvidenceStore } from "./evidence-store.ts";
import type { UplinkLog } from "./log.ts";
import { EVIDENCE_FOLDER, openDatabase, OUTBOX_FILE } from "./outbox-database.ts";
import type { OutboxDatabase } from "./outbox-database.ts";
import { zeroCounters } from "./outbox-counters.ts";
import type { OutboxCounters, OwnCounters } from "./outbox-counters.ts";
import { PictureTable } from "./picture-table.ts";
import type { WaitingPicture } from "./picture-table.ts";
import { RejectedTable } from "./rejected-table.ts";
import type { RejectedEvent } from "./rejected-table.ts";
import { SequenceTable } from "./sequence-table.ts";

const BYTES_PER_MB = 1_048_576;
/** The outbox counts as full until it has fallen to this share of its bound. */
const RELIEVED_SHARE = 0.9;

export interface OutboxOptions {
  readonly dataDir: string;
  /** Most events that wait for the brain. */
  readonly maxEvents: number;
  /** Most pictures that wait for the brain, in units of 1 048 576 bytes. */
  readonly maxEvidenceMb: number;
  readonly clock: Clock;
  readonly log: UplinkLog;
}

/** A picture that belongs to an event. */
export interface EvidenceFile {
  readonly sha256: string;
  readonly path: string;
}

/** An event that waits for the brain. */
export interface OutboxEntry {
  /** Order of appending. */
  readonly seq: number;
  readonly id: string;
  readonly camera: string;
  readonly body: string;
  /** UTF-8 bytes of the body. */
  readonly bytes: number;
}

/** What the brain said of one event. */
export type Settlement = Omit<EventResult, "id"> & { readonly id: string };

interface Appended {
  readonly stored: boolean;
  readonly dropped: number;
  readonly orphans: readonly string[];
}

export class Outbox {
  /** Where pictures are put before their event is appended. */
  readonly evidence: EvidenceStore;
  readonly #options: OutboxOptions;
  readonly #db: OutboxDatabase;
  readonly #file: string;
  readonly #pictures: PictureTable;
  readonly #rejected: RejectedTable;
  readonly #sequences: SequenceTable;
  readonly #listeners = new Set<() => void>();
  readonly #counters: OwnCounters;
  #depth: number;
  #full = false;

  /**
   * @throws PermanentError SETUP_FAILED when another process holds the data directory.
   */
  constructor(options: OutboxOptions) {
    const { dataDir, clock, log } = options;
    this.#options = options;
    this.#file = path.join(dataDir, OUTBOX_FILE);
    const { db, movedAside } = openDatabase(dataDir, clock, log);
    this.#db = db;
    this.#pictures = new PictureTable(db);
    this.#rejected = new RejectedTable(db);
    this.#sequences = new SequenceTable(db, clock);
    this.#counters = zeroCounters(movedAside === undefined ? 0 : 1);
    this.#depth = (db.prepare("select count(*) as n from event").get() as { n: number }).n;
    this.evidence = new EvidenceStore({
      dir: path.join(dataDir, EVIDENCE_FOLDER),
      maxBytes: options.maxEvidenceMb * BYTES_PER_MB,
      references: {
        refers: (sha256) => this.#pictures.refers(sha256),
        makeRoom: (bytes) => this.#dropUpdatePictures(bytes),
      },
    });
    const swept = this.evidence.sweep();
    if (swept > 0) {
      log.warn({ dataDir, pictures: swept }, "deleted pictures that no event on disk refers to");
    }
  }

  /**
   * The next number of a camera's source. Call it right before `append`, without an await between
   * the two, so that the order of numbers is the order on the wire. It rises over restarts.
   */
  nextSequence(cameraId: string): string {
    return this.#sequences.next(cameraId);
  }

  /**
   * Writes the event and its pictures' names in one transaction; durable when it returns. The same
   * event again changes nothing.
   * @throws TransientError OUTBOX_FULL when the bound is reached and no older `update` is left to
   * drop, or the disk is full. The pictures stay: append again, or release them.
   * @throws PermanentError BODY_TOO_LARGE, EVENT_CONFLICT, EVENT_INVALID.
   */
  append(event: IncidentEvent, evidence: readonly EvidenceFile[]): void {
    const { stored, dropped, orphans } = this.#tryInsert(event, evidence);
    this.#counters.droppedUpdates += dropped;
    this.#counters.appended += stored ? 1 : 0;
    this.#depth += (stored ? 1 : 0) - dropped;
    for (const { sha256 } of evidence) {
      this.evidence.unpin(sha256);
    }
    this.#discard(orphans);
    if (stored) {
      this.#changed();
    }
  }

  /** The oldest events, in order; always at least one where there is one. */
  peek(limit: number, maxBytes: number): OutboxEntry[] {
    const rows = this.#db
      .prepare("select seq, id, camera, body, bytes from event order by seq limit ?")
      .all(limit) as OutboxEntry[];
    let bytes = 2; // The array's brackets, then a comma for each event.
    let count = 0;
    for (const row of rows) {
      bytes += row.bytes + 1;
      if (count > 0 && bytes > maxBytes) {
        break;
      }
      count += 1;
    }
    return rows.slice(0, count);
  }

  /** Applies the brain's answer; events that are no longer here are left out of account. */
  settle(settlements: readonly Settlement[]): void {
    const tally = { accepted: 0, duplicate: 0, rejected: 0 };
    const orphans = this.#transaction(() =>
      settlements.flatMap((settlement) => {
        const entry = this.#remove(settlement.id);
        if (entry === undefined) {
          return [];
        }
        tally[settlement.outcome] += 1;
        return this.#conclude(entry, settlement);
      }),
    );
    this.#counters.accepted += tally.accepted;
    this.#counters.duplicate += tally.duplicate;
    this.#counters.rejected += tally.rejected;
    this.#depth -= tally.accepted + tally.duplicate + tally.rejected;
    this.#discard(orphans);
    this.#changed();
  }

  /** Pictures of accepted events that the brain does not have yet, oldest first. */
  peekPictures(limit: number): WaitingPicture[] {
    return this.#pictures.waiting(limit);
  }

  /** The brain has the picture (`uploaded`), or never will (`lost`). */
  settlePicture(sha256: string, outcome: "uploaded" | "lost"): void {
    this.#transaction(() => this.#pictures.settle(sha256));
    this.#counters[outcome === "uploaded" ? "picturesUploaded" : "picturesLost"] += 1;
    this.#discard([sha256]);
    this.#changed();
  }

  /** Events that wait for the brain. */
  depth(): number {
    return this.#depth;
  }

  /** How long the oldest event has waited; undefined when none waits. */
  oldestAgeMs(): number | undefined {
    const row = this.#db.prepare("select at from event order by seq limit 1").get() as
      | { at: number }
      | undefined;
    return row === undefined ? undefined : Math.max(0, this.#options.clock.now() - row.at);
  }

  /** The latest events that the brain has refused, kept for a human; at most 1000 are kept. */
  rejected(limit: number): RejectedEvent[] {
    return this.#rejected.latest(limit);
  }

  counters(): OutboxCounters {
    return { ...this.#counters, picturesRefused: this.evidence.refused };
  }

  /** Calls `listener` after each append and each settlement; gives a function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
    this.#db.close();
  }

  #tryInsert(event: IncidentEvent, evidence: readonly EvidenceFile[]): Appended {
    try {
      return this.#transaction(() => this.#insert(event, evidence));
    } catch (error) {
      if (error instanceof AppError && error.code === "OUTBOX_FULL") {
        this.#counters.refused += 1;
      }
      throw error;
    }
  }

  #insert(event: IncidentEvent, evidence: readonly EvidenceFile[]): Appended {
    const body = JSON.stringify(event);
    const bytes = Buffer.byteLength(body);
    const phase = parseEventType(event.type)?.phase;
    if (phase === undefined || bytes > EVENT_BYTES) {
      throw unfit(event, bytes);
    }
    if (this.#holds(event.id, body)) {
      return { stored: false, dropped: 0, orphans: [] };
    }
    const room = this.#makeRoom(phase);
    const camera = event.data.device.id;
    this.#db
      .prepare("insert into event (id, camera, phase, body, bytes, at) values (?, ?, ?, ?, ?, ?)")
      .run(event.id, camera, phase, body, bytes, this.#options.clock.now());
    for (const { sha256, path: file } of evidence) {
      const size = this.evidence.sizeOf(sha256);
      this.#pictures.add({ event: event.id, sha256, path: file, bytes: size, phase });
    }
    this.#sequences.record(camera, Number(event.sequence));
    return { stored: true, ...room };
  }

  #holds(id: string, body: string): boolean {
    const row = this.#db.prepare("select body from event where id = ?").get(id) as
      | { body: string }
      | undefined;
    if (row !== undefined && row.body !== body) {
      throw new PermanentError("EVENT_CONFLICT", "An event with this id and another body waits", {
        where: `event ${id}`,
      });
    }
    return row !== undefined;
  }

  /** Drops the oldest `update` phases until one event fits. */
  #makeRoom(phase: Phase): { dropped: number; orphans: readonly string[] } {
    const excess = this.#depth + 1 - this.#options.maxEvents;
    if (excess <= 0) {
      return { dropped: 0, orphans: [] };
    }
    this.#reportFull();
    const victims = this.#db
      .prepare("select id from event where phase = 'update' order by seq limit ?")
      .all(excess) as { id: string }[];
    if (victims.length < excess) {
      throw new TransientError("OUTBOX_FULL", "The outbox is full", {
        where: this.#file,
        expected: `at most ${String(this.#options.maxEvents)} events that wait for the brain`,
        got: `one more, a '${phase}', and no older 'update' to drop`,
      });
    }
    const orphans = victims.flatMap(({ id }) => {
      this.#remove(id);
      return this.#pictures.removeOf(id);
    });
    return { dropped: victims.length, orphans };
  }

  #reportFull(): void {
    if (!this.#full) {
      this.#full = true;
      const { maxEvents } = this.#options;
      this.#options.log.error(
        { depth: this.#depth, maxEvents },
        "the outbox is full: the oldest updates are dropped, then new events are refused",
      );
    }
  }

  #remove(id: string): (OutboxEntry & { readonly phase: Phase }) | undefined {
    const row = this.#db
      .prepare("delete from event where id = ? returning seq, id, camera, phase, body, bytes")
      .get(id);
    return row as (OutboxEntry & { readonly phase: Phase }) | undefined;
  }

  /** Gives the pictures that nobody may need any longer. */
  #conclude(entry: OutboxEntry, { outcome, problem }: Settlement): readonly string[] {
    if (outcome !== "rejected") {
      return this.#pictures.markReady(entry.id);
    }
    const reason: RemoteProblem = problem ?? {
      code: "EVENT_INVALID",
      message: "No reason was given",
    };
    this.#rejected.add({ ...entry, problem: reason, at: this.#options.clock.now() });
    return this.#pictures.removeOf(entry.id);
  }

  #dropUpdatePictures(bytes: number): void {
    const before = this.evidence.bytes;
    for (const sha256 of this.#pictures.ofUpdates()) {
      if (before - this.evidence.bytes >= bytes) {
        break;
      }
      this.#transaction(() => this.#pictures.removeUpdates(sha256));
      this.evidence.discard(sha256);
      this.#counters.picturesDropped += 1;
    }
  }

  #discard(orphans: readonly string[]): void {
    for (const sha256 of orphans) {
      this.evidence.discard(sha256);
    }
  }

  #changed(): void {
    if (this.#full && this.#depth <= this.#options.maxEvents * RELIEVED_SHARE) {
      this.#full = false;
      this.#options.log.info({ depth: this.#depth }, "the outbox has room again");
    }
    for (const listener of this.#listeners) {
      listener();
    }
  }

  #transaction<T>(work: () => T): T {
    return this.#db.transaction(this.#file, work);
  }
}

function unfit(event: IncidentEvent, bytes: number): PermanentError {
  const where = `event ${event.id}`;
  if (bytes > EVENT_BYTES) {
    return new PermanentError("BODY_TOO_LARGE", "The event is too large", {
      where,
      expected: `at most ${String(EVENT_BYTES)} bytes`,
      got: String(bytes),
    });
  }
  return new PermanentError("EVENT_INVALID", "The event's type names no phase", {
    where,
    got: event.type,
  });
}
