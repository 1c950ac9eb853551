/** Processor time, read from /proc. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_S = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
/** In /proc/PID/stat, counted from the state that follows the name. */
const PARENT = 1;
const OWN = [11, 12] as const;
/** Of children that have ended. */
const GONE = [13, 14] as const;

/** Seconds of a process and of all its children, those that have ended too. */
export function treeCpuS(pid: number): number {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), fields: fieldsOf(Number(name)) }))
    .filter(({ fields }) => Number(fields[PARENT]) === pid);
  const own = fieldsOf(pid);
  const sum = (fields: readonly string[], places: readonly number[]): number =>
    places.reduce((total, place) => total + Number(fields[place] ?? 0), 0) / TICKS_PER_S;
  return (
    sum(own, [...OWN, ...GONE]) +
    children.reduce((total, { fields }) => total + sum(fields, OWN), 0)
  );
}

function fieldsOf(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name may hold anything, spaces and brackets too.
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // It has ended in between.
  }
}
