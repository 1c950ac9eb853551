import { readdirSync, readFileSync } from "node:fs";

/** Processes whose command line holds `mark`, without the caller; Linux only. */
export function processesWith(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandLine(name).includes(mark))
    .map(Number);
}

/** A zombie has an empty command line; so has a process that is gone. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

/** Children of this process that have ended and were never waited for. */
export function zombies(): number {
  return readdirSync("/proc").filter((name) => {
    try {
      const [, state, parent] = readFileSync(`/proc/${name}/stat`, "latin1")
        .replace(/^.*\)/s, "")
        .split(" ");
      return state === "Z" && Number(parent) === process.pid;
    } catch {
      return false;
    }
  }).length;
}

export function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}
