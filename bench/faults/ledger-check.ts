/**
 * Holds what the brain knows against what the department received: nothing lost on the way in
 * (an edge node numbers its events without gaps), nothing lost or doubled on the way out.
 */
import type { Demonstration } from "../support/demonstration.ts";

export interface LedgerVerdict {
  readonly events: number;
  readonly cases: number;
  /** Numbers missing between the first and the last event of a source. */
  readonly lostEvents: number;
  /** Cases that the department was never told of. */
  readonly untold: readonly string[];
  /** Cases that the department took for two. */
  readonly doubled: readonly string[];
  /** Repeated POSTs of the same webhook, which are allowed. */
  readonly repeats: number;
}

export async function checkLedger(demonstration: Demonstration): Promise<LedgerVerdict> {
  const cases = await demonstration.cases();
  const sequences: number[] = [];
  for (const { id } of cases) {
    const detail = await demonstration.case(id);
    sequences.push(...detail.events.map((event) => Number(event.sequence)));
  }
  const told = new Map<string, number>();
  let repeats = 0;
  for (const line of demonstration.ledger) {
    if (line.kind === "received") {
      told.set(line.caseId, (told.get(line.caseId) ?? 0) + 1);
    } else if (line.kind === "repeated") {
      repeats++;
    }
  }
  const span = sequences.length === 0 ? 0 : Math.max(...sequences) - Math.min(...sequences) + 1;
  return {
    events: sequences.length,
    cases: cases.length,
    lostEvents: span - new Set(sequences).size,
    // What was merged into another case before it went out is told under the other one.
    untold: cases
      .filter(({ id, state }) => state !== "MERGED" && !told.has(id))
      .map(({ number }) => number),
    doubled: [...told].filter(([, times]) => times > 1).map(([id]) => id),
    repeats,
  };
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
