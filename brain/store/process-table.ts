/** What runs under a process id. A zombie counts as gone: it does nothing any more. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Clock } from "../../protocol/index.ts";

const run = promisify(execFile);
const POLL_MS = 15;

/** Command line of a living process; undefined when there is none. */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") {
    return commandLineFromProc(pid);
  }
  try {
    const { stdout } = await run("ps", ["-o", "stat=,args=", "-p", String(pid)]);
    const [, state = "", args = ""] = /^\s*(\S+)\s+(.*)$/.exec(stdout.trim()) ?? [];
    return state === "" || state.startsWith("Z") ? undefined : args;
  } catch {
    return undefined; // ps answers 1 where there is no such process.
  }
}

async function commandLineFromProc(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, "latin1");
    // The name in parentheses may itself hold spaces and parentheses; the state follows the last.
    const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
    if (state === "Z" || state === "X") {
      return undefined;
    }
    const line = await readFile(`/proc/${String(pid)}/cmdline`, "utf8");
    return line.replaceAll("\0", " ").trim();
  } catch {
    return undefined; // The folder is missing: so is the process.
  }
}

/** Waits until no process whose command line names `text` runs under `pid`; false when it stays. */
export async function waitUntilGone(
  pid: number,
  text: string,
  options: { readonly clock: Clock; readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<boolean> {
  const polls = Math.ceil(options.timeoutMs / POLL_MS);
  for (let poll = 0; poll < polls; poll += 1) {
    if (!((await commandLine(pid))?.includes(text) ?? false)) {
      return true;
    }
    await options.clock.wait(POLL_MS, options.signal);
  }
  return false;
}
