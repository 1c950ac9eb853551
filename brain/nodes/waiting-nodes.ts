/** Nodes that wait for something to do: one wait per node, so many in all, none longer than asked. */
import { type Clock, TransientError } from "../../protocol/index.ts";
import { type NodeWakeups, nodeKey } from "./wakeups.ts";

export interface WaitingNodesInput {
  readonly clock: Clock;
  readonly wakeups: NodeWakeups;
  /** Waits at once; each holds one connection and no database session. */
  readonly max: number;
  /** Aborted when the brain stops. */
  readonly closing: AbortSignal;
  readonly onWaiting: (change: 1 | -1) => void;
}

export interface NodeQuestion<News> {
  readonly nodeId: string;
  readonly waitMs: number;
  /** Aborted when the node hung up. */
  readonly gone: AbortSignal;
  /** Undefined where there is nothing to say; `againInMs` where there will be without a notice. */
  readonly look: () => Promise<{ readonly news?: News; readonly againInMs?: number }>;
}

export interface WaitingNodes {
  /**
   * Undefined when there was nothing to say in time, the node hung up or asks anew.
   *
   * @throws TransientError OVERLOADED when too many nodes wait.
   */
  ask<News>(question: NodeQuestion<News>): Promise<News | undefined>;
}

export function createWaitingNodes(input: WaitingNodesInput): WaitingNodes {
  const { max, closing, onWaiting } = input;
  const places = new Map<string, AbortController>();
  return {
    ask: async (question) => {
      const { nodeId, waitMs, gone, look } = question;
      if (waitMs === 0) {
        return (await look()).news;
      }
      // The newer question of a node is the one that somebody still waits for.
      const leaving = new AbortController();
      const previous = places.get(nodeId);
      previous?.abort();
      if (previous === undefined && places.size >= max) {
        return (await look()).news ?? refuse(max);
      }
      places.set(nodeId, leaving);
      onWaiting(1);
      try {
        const signal = AbortSignal.any([leaving.signal, gone, closing]);
        return await waitForNews(input, question, signal);
      } finally {
        if (places.get(nodeId) === leaving) {
          places.delete(nodeId);
        }
        onWaiting(-1);
      }
    },
  };
}

function refuse(max: number): never {
  throw new TransientError("OVERLOADED", "Too many nodes wait here", {
    expected: `at most ${max}; ask again later`,
  });
}

async function waitForNews<News>(
  { clock, wakeups }: WaitingNodesInput,
  { nodeId, waitMs, look }: NodeQuestion<News>,
  signal: AbortSignal,
): Promise<News | undefined> {
  const until = clock.now() + waitMs;
  while (!signal.aborted) {
    // Waiting begins before looking: what happens in between is not slept over.
    const done = new AbortController();
    const either = AbortSignal.any([signal, done.signal]);
    const changed = wakeups.changed(nodeKey(nodeId), either);
    try {
      const { news, againInMs = Number.POSITIVE_INFINITY } = await look();
      const leftMs = until - clock.now();
      if (news !== undefined || leftMs <= 0) {
        return news;
      }
      const late = clock.wait(Math.min(leftMs, againInMs), either).catch(() => undefined);
      await Promise.race([changed, late]);
    } finally {
      done.abort();
    }
  }
  return undefined;
}
