/**
 * Writes attempts down in groups: those that end while a group is being written share the next. One
 * at a time they would each wait for the lock of cases and for a commit of their own.
 */
import { TransientError } from "../../protocol/index.ts";
import { createPace, isConnectionLoss } from "../store/index.ts";
import {
  type Attempted,
  recordAttempts,
  type Recorded,
  type RecordInput,
} from "./record-attempts.ts";

export interface AttemptRecorder {
  /** @throws TransientError DATABASE_UNAVAILABLE; nothing of it is written then. */
  record(attempted: Attempted): Promise<Recorded>;
}

interface Waiting {
  readonly attempted: Attempted;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: unknown) => void;
}

/** As many as make the fixed cost of a transaction vanish; those that wait are bounded by lanes. */
const MAX_GROUP = 400;
/** The first is written at once; those that end soon after gather for the next. */
const GAP_MS = 25;

export function createAttemptRecorder(input: RecordInput): AttemptRecorder {
  const waiting: Waiting[] = [];
  const pace = createPace(input.clock, GAP_MS);
  let isWriting = false;
  const writeAll = async (): Promise<void> => {
    if (isWriting) {
      return;
    }
    isWriting = true;
    while (waiting.length > 0) {
      await pace();
      await writeGroup(input, waiting.splice(0, MAX_GROUP));
    }
    isWriting = false;
  };
  return {
    record: (attempted) =>
      new Promise((resolve, reject) => {
        waiting.push({ attempted, resolve, reject });
        void writeAll();
      }),
  };
}

/** Never throws: everybody in the group is told. */
async function writeGroup(input: RecordInput, group: readonly Waiting[]): Promise<void> {
  try {
    const recorded = await recordAttempts(
      input,
      group.map(({ attempted }) => attempted),
    );
    group.forEach(({ resolve }, index) => resolve(recorded[index] as Recorded));
  } catch (error) {
    if (group.length === 1 || error instanceof TransientError || isConnectionLoss(error)) {
      group.forEach(({ reject }) => reject(error));
      return;
    }
    // One of them cannot be written: the others are not to suffer for it.
    for (const one of group) {
      await writeGroup(input, [one]);
    }
  }
}
