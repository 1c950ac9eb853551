/**
 * Wakes whoever waits for a node's news or an order's result, at whichever replica: PostgreSQL
 * notifies all of them.
 */
import { sql, type Transaction } from "kysely";
import type { Schema } from "../store/index.ts";

export const NODES_CHANNEL = "sesb_nodes";

export interface NodeWakeups {
  /** Of the channel: a key, or undefined when something may have been missed. */
  notify(key: string | undefined): void;
  /** Resolves at the next notification of the key after the call, or when the signal is aborted. */
  changed(key: string, signal: AbortSignal): Promise<void>;
}

export const nodeKey = (nodeId: string): string => `node:${nodeId}`;
export const orderKey = (orderId: string): string => `order:${orderId}`;

export function createNodeWakeups(): NodeWakeups {
  const waiting = new Map<string, Set<() => void>>();
  const wake = (key: string): void => {
    for (const resolve of [...(waiting.get(key) ?? [])]) {
      resolve();
    }
  };
  return {
    notify: (key) => {
      if (key === undefined) {
        [...waiting.keys()].forEach(wake);
      } else {
        wake(key);
      }
    },
    changed: (key, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const group = waiting.get(key) ?? new Set();
        waiting.set(key, group);
        const done = (): void => {
          group.delete(done);
          if (group.size === 0 && waiting.get(key) === group) {
            waiting.delete(key);
          }
          signal.removeEventListener("abort", done);
          resolve();
        };
        group.add(done);
        signal.addEventListener("abort", done, { once: true });
      }),
  };
}

/** Tells every replica when the transaction commits; equal keys are told once. */
export async function notifyNodes(tx: Transaction<Schema>, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) {
    await sql`select pg_notify(${NODES_CHANNEL}, key) from unnest(${[...new Set(keys)]}::text[]) as key`.execute(
      tx,
    );
  }
}
