/** Running a tool: its output is kept for the sentence that a failure ends with. */
import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";

const KEEP_CHARS = 16_000;

/** Processes under way, so that an interrupted set-up leaves none behind. */
const running = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => {
    for (const child of running) {
      child.kill("SIGTERM");
    }
    process.exit(signal === "SIGINT" ? 130 : 143);
  });
}

/** Full path of a program, or undefined. */
export function findProgram(name, searchPath = process.env.PATH ?? "") {
  for (const folder of [...searchPath.split(":"), "/usr/sbin", "/sbin"]) {
    const file = path.join(folder || ".", name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) {
        return file;
      }
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/**
 * Runs a program to its end; resolves to { code, output } and never rejects for a bad exit code.
 * `onLine` gets every line of stdout and stderr as it comes.
 */
export function run(program, args, { onLine, env = {}, cwd, stdout } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", stdout ?? "pipe", "pipe"],
    });
    running.add(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8");
      let rest = "";
      stream?.on("data", (text) => {
        output = (output + text).slice(-KEEP_CHARS);
        const lines = (rest + text).split(/\r?\n|\r/);
        rest = lines.pop() ?? "";
        lines.forEach((line) => onLine?.(line));
      });
    }
    const end = (code, extra = "") => {
      running.delete(child);
      resolve({ code, output: output + extra });
    };
    child.once("error", (error) => end(127, String(error.message)));
    child.once("close", (code, signal) => end(code ?? 1, signal ? `ended by ${signal}` : ""));
  });
}
