/**
 * A child's side of the launcher: it says when it is ready, and it never outlives its parent. Both
 * go over the IPC channel that the launcher opens; started by hand, a program has none and needs
 * none.
 */
const STOP_WITHIN_MS = 10_000;

/** Tells the launcher, if there is one, that this process can be used now. */
export function announceReady(details: Readonly<Record<string, unknown>> = {}): void {
  process.send?.({ kind: "ready", ...details });
}

/**
 * Runs `close` once and ends the process on SIGTERM, on SIGINT, and when the parent is gone, even
 * by SIGKILL: then the channel to it closes.
 */
export function stopWithParent(close: () => Promise<void>): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) {
      return;
    }
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`stopping failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.once("disconnect", stop);
  if (process.send !== undefined && !process.connected) {
    stop(); // The parent was gone before anybody listened.
  }
}
