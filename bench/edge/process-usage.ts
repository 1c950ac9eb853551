/** What processes cost, read from /proc. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_S = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
/** In /proc/PID/stat, counted from the state that follows the name. */
const STATE = 0;
const PARENT = 1;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  readonly cpuS: number;
}

/** Undefined when there is no such process (any more). */
export function statOf(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name may hold anything, spaces and brackets too.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const cpuTicks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
    return {
      pid,
      parent: Number(fields[PARENT]),
      state: fields[STATE] ?? "",
      cpuS: cpuTicks / TICKS_PER_S,
    };
  } catch {
    return undefined;
  }
}

export function childrenOf(pid: number): readonly ProcessStat[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat?.parent === pid) as ProcessStat[];
}

/** CPU seconds used so far. */
export function cpuOf(pid: number): number {
  return statOf(pid)?.cpuS ?? NaN;
}

export function rssMbOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) / 1024;
  } catch {
    return NaN;
  }
}

export function openFilesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
