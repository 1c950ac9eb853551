/** The demonstration footage: where it lies, and the set-up that brings it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { PermanentError } from "../../protocol/index.ts";

/** H.264 without B-frames, a key frame a second, 768×576 at 10 frames/s, 79.5 s. */
export function footageFile(project: string): string {
  return path.join(project, ".cache", "footage", "vtest.mp4");
}

/**
 * Resolves to the file; fetches and encodes it where it is missing, with progress on this
 * process's own output.
 * @throws PermanentError SETUP_FAILED when it cannot be had; the set-up has said why by then.
 */
export async function ensureFootage(project: string): Promise<string> {
  const file = footageFile(project);
  if (existsSync(file)) {
    return file;
  }
  const code = await new Promise<number>((resolve, reject) => {
    const script = path.join(project, "scripts", "setup.mjs");
    spawn(process.execPath, [script, "footage"], { stdio: ["ignore", "inherit", "inherit"] })
      .once("error", reject)
      .once("exit", (exitCode) => {
        resolve(exitCode ?? 1);
      });
  });
  if (code !== 0 || !existsSync(file)) {
    throw new PermanentError("SETUP_FAILED", "There is no footage for the demonstration camera.");
  }
  return file;
}
