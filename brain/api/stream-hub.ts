/**
 * Wakes the open streams. Each client reads on from its own position, so that it can miss nothing
 * and a slow one holds up nobody: what it has not taken stays in the database.
 */
export interface StreamHub {
  /** Something changed: look. */
  notify(): void;
  /** Resolves at the next `notify` after the call, or when the signal is aborted. */
  changed(signal: AbortSignal): Promise<void>;
}

export function createStreamHub(): StreamHub {
  const waiting = new Set<() => void>();
  return {
    notify: () => {
      for (const wake of [...waiting]) {
        wake();
      }
    },
    changed: (signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          waiting.delete(done);
          signal.removeEventListener("abort", done);
          resolve();
        };
        if (signal.aborted) {
          resolve();
          return;
        }
        waiting.add(done);
        signal.addEventListener("abort", done, { once: true });
      }),
  };
}
