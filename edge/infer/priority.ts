/** Who goes first when there is less processor than work. */
import { readlinkSync } from "node:fs";
import os from "node:os";

/** About a tenth of the share that a decoder or the main thread gets beside it. */
const NICENESS = 10;

/**
 * Lets decoders and the main thread go before this thread and those it starts. Under overload the
 * frames must keep coming on time, else all of them are too old to be looked at; that there are
 * fewer looks then is what the scheduler deals with. Linux only, where threads have a priority of
 * their own; elsewhere nothing changes.
 */
export function yieldToOthers(): void {
  try {
    const [, tid] = /(\d+)$/.exec(readlinkSync("/proc/thread-self")) ?? [];
    os.setPriority(Number(tid), NICENESS);
  } catch {
    // No such thing here, or not allowed: the system's own fairness has to do.
  }
}
