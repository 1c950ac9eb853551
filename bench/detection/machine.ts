/** Where and with what something was measured. */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** `-dirty` when tracked files differ from it. */
  readonly commit: string;
}

export function thisMachine(): Machine {
  const list = cpus();
  return {
    cpu: list[0]?.model.trim() ?? "unknown",
    cores: list.length,
    node: process.version,
    commit: commitHere(),
  };
}

function commitHere(): string {
  try {
    const args = ["describe", "--always", "--dirty", "--exclude=*"];
    return execFileSync("git", args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown"; // Outside a checkout there is no commit to name.
  }
}
