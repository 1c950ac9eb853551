/** Asks anew each time: the compiler believes that a signal once seen open stays open. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
