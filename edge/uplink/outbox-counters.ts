/** Since the outbox was opened: appended + depth at the start = settled + dropped + depth. */
export interface OutboxCounters {
  readonly appended: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly rejected: number;
  /** `update` phases given up to make room. */
  readonly droppedUpdates: number;
  /** Appends refused with OUTBOX_FULL. */
  readonly refused: number;
  readonly picturesUploaded: number;
  /** Pictures of `update` phases given up to make room. */
  readonly picturesDropped: number;
  /** Pictures that the brain will never take, or whose file was gone. */
  readonly picturesLost: number;
  readonly picturesRefused: number;
  /** Corrupt databases moved aside. */
  readonly corrupt: number;
}

/** The outbox's own, which it counts up. */
export type OwnCounters = { -readonly [Name in keyof OutboxCounters]: number };

export function zeroCounters(corrupt: number): OwnCounters {
  return {
    appended: 0,
    accepted: 0,
    duplicate: 0,
    rejected: 0,
    droppedUpdates: 0,
    refused: 0,
    picturesUploaded: 0,
    picturesDropped: 0,
    picturesLost: 0,
    picturesRefused: 0,
    corrupt,
  };
}
