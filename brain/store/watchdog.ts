/**
 * A server must not outlive its owner, and SIGKILL leaves the owner no last word. So a shell waits
 * at the end of a pipe from the brain: when the brain is gone, however it went, the pipe ends and
 * the shell asks the server for a fast shutdown and stays until it is done.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Clock } from "../../protocol/index.ts";
import { waitUntilGone } from "./process-table.ts";
import { SERVER_ENV, type ServerUser } from "./server-user.ts";

/** $1: process id of the server, $2: its postmaster.pid, which must still name that process. */
const SCRIPT = `
trap "" INT TERM HUP
read -r _
named() { [ "$(head -n 1 "$2" 2>/dev/null)" = "$1" ]; }
named "$1" "$2" && kill -INT "$1" 2>/dev/null
i=0
while named "$1" "$2" && kill -0 "$1" 2>/dev/null && [ $i -lt 600 ]; do
  i=$((i+1)); sleep 0.05
done
`;
/** As long as the script above stays at most. */
const PREDECESSOR_TIMEOUT_MS = 31_000;

export interface Watchdog {
  /** Lets the watchdog go; a server that still runs would be stopped by it. */
  release(): void;
}

export async function startWatchdog(
  dataDir: string,
  clusterDir: string,
  serverPid: number,
  user: ServerUser,
): Promise<Watchdog> {
  const pidFile = path.join(clusterDir, "postmaster.pid");
  const child = spawn("/bin/sh", ["-c", SCRIPT, "sh", String(serverPid), pidFile], {
    cwd: "/",
    detached: true,
    env: SERVER_ENV,
    stdio: ["pipe", "ignore", "ignore"],
    ...user.ids,
  });
  child.on("error", () => undefined); // Without a shell the next start adopts the server.
  child.stdin.on("error", () => undefined);
  unrefAll(child);
  if (child.pid !== undefined) {
    await writeFile(watchdogFile(dataDir), String(child.pid));
  }
  return { release: () => child.stdin.destroy() };
}

/** Waits for the watchdog of a brain that died: only then is the server's state settled. */
export async function waitForOldWatchdog(
  dataDir: string,
  clusterDir: string,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const file = watchdogFile(dataDir);
  const pid = Number(await readFile(file, "utf8").catch(() => ""));
  if (Number.isInteger(pid) && pid > 1) {
    const options = { clock, timeoutMs: PREDECESSOR_TIMEOUT_MS };
    await waitUntilGone(pid, clusterDir, signal === undefined ? options : { ...options, signal });
  }
  await rm(file, { force: true });
}

function watchdogFile(dataDir: string): string {
  return path.join(dataDir, "watchdog.pid");
}

function unrefAll(child: ChildProcess): void {
  child.unref();
  // The pipe must stay open but must not keep the brain's event loop alive.
  (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
}
