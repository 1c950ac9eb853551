/**
 * Writes attempts down in groups: those that end while a group is being written share the next. One
 * at a time they would each wait for the lock of cases and for a commit of their own.
 */
import { createGroupWriter, type GroupWriter } from "../store/index.ts";
import {
  type Attempted,
  recordAttempts,
  type Recorded,
  type RecordInput,
} from "./record-attempts.ts";

export type AttemptRecorder = GroupWriter<Attempted, Recorded>;

/** As many as make the fixed cost of a transaction vanish. */
const MAX_GROUP = 400;
const GAP_MS = 25;

export function createAttemptRecorder(input: RecordInput): AttemptRecorder {
  return createGroupWriter({
    clock: input.clock,
    writeAll: (attempts) => recordAttempts(input, attempts),
    maxGroup: MAX_GROUP,
    // Lanes bound them.
    maxWaiting: Number.POSITIVE_INFINITY,
    gapMs: GAP_MS,
  });
}
