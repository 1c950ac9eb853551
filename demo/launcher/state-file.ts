/**
 * `<data-dir>/state.json`: what runs here, for benchmarks, fault tests and the next start. A
 * launcher that was killed leaves it behind, so whoever reads it checks the process ids.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const childSchema = z.object({
  pid: z.number().int().optional(),
  state: z.enum(["starting", "running", "waiting", "stopped"]),
  since: z.number(),
  restarts: z.number().int(),
  log: z.string(),
  /** The file it runs, by which its process is known again. */
  entry: z.string(),
});

export const launcherStateSchema = z.object({
  version: z.literal(1),
  /** The launcher's own process. */
  pid: z.number().int(),
  startedAt: z.number(),
  /** Epoch ms at which everything was ready for the first time. */
  readyAt: z.number().optional(),
  dataDir: z.string(),
  controlRoomUrl: z.string(),
  departmentUrl: z.string().optional(),
  cameraUrl: z.string().optional(),
  /** The department's ledger of everything received. */
  ledger: z.string().optional(),
  ports: z.object({ brain: z.number(), department: z.number(), rtsp: z.number() }),
  children: z.record(z.string(), childSchema),
});
export type LauncherState = z.infer<typeof launcherStateSchema>;

export function stateFile(dataDir: string): string {
  return path.join(dataDir, "state.json");
}

/** What was written last, or undefined where nothing readable is. */
export function readState(dataDir: string): LauncherState | undefined {
  try {
    const text = readFileSync(stateFile(dataDir), "utf8");
    return launcherStateSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function writeState(dataDir: string, state: LauncherState): void {
  const draft = `${stateFile(dataDir)}.part`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, stateFile(dataDir));
}

/** True when the process lives and its command line names the file: numbers are used again. */
export function isProcessOf(pid: number, entry: string): boolean {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, "utf8").includes(entry);
  } catch {
    return false;
  }
}
