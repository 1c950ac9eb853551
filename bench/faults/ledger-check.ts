/**
 * Holds what the brain knows against what the department received: nothing lost on the way in
 * (an edge node numbers each camera's events without gaps), nothing lost or doubled on the way out.
 */
import type { Demonstration } from "../support/demonstration.ts";

export interface LedgerVerdict {
  readonly events: number;
  readonly cases: number;
  /** Numbers missing between the first and the last event of each camera. */
  readonly lostEvents: number;
  /** Cases that the department was never told of. */
  readonly untold: readonly string[];
  /** Tasks that a department took for two. */
  readonly doubled: readonly string[];
  /** Repeated POSTs of the same webhook, which are allowed. */
  readonly repeats: number;
}

export async function checkLedger(demonstration: Demonstration): Promise<LedgerVerdict> {
  const cases = await demonstration.cases();
  const sequences = new Map<string, number[]>();
  for (const { id } of cases) {
    const detail = await demonstration.case(id);
    for (const { camera, sequence } of detail.events) {
      sequences.set(camera, [...(sequences.get(camera) ?? []), Number(sequence)]);
    }
  }
  const told = new Set<string>();
  const tasks = new Map<string, number>();
  let repeats = 0;
  for (const line of demonstration.ledger) {
    if (line.kind === "received") {
      told.add(line.caseId);
      tasks.set(line.taskId, (tasks.get(line.taskId) ?? 0) + 1);
    } else if (line.kind === "repeated") {
      repeats++;
    }
  }
  const ofCameras = [...sequences.values()];
  return {
    events: ofCameras.reduce((sum, numbers) => sum + numbers.length, 0),
    cases: cases.length,
    lostEvents: ofCameras.reduce((sum, numbers) => sum + missing(numbers), 0),
    // What was merged into another case before it went out is told under the other one.
    untold: cases
      .filter(({ id, state }) => state !== "MERGED" && !told.has(id))
      .map(({ number }) => number),
    doubled: [...tasks].filter(([, times]) => times > 1).map(([id]) => id),
    repeats,
  };
}

function missing(numbers: readonly number[]): number {
  return Math.max(...numbers) - Math.min(...numbers) + 1 - new Set(numbers).size;
}

/** Everything on its way has arrived: outbox and inbox are empty and every delivery has ended. */
export async function isQuiet(demonstration: Demonstration): Promise<boolean> {
  try {
    const health = await demonstration.health();
    const waiting =
      health.inboxDepth +
      health.endpoints.reduce((sum, endpoint) => sum + endpoint.pending, 0) +
      health.nodes.reduce((sum, node) => sum + (node.outboxDepth ?? 0), 0);
    return waiting === 0;
  } catch {
    return false; // The brain is on its way up.
  }
}
