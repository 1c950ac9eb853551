/** `npm start`: the whole line on one machine, from a camera to a department. */
import path from "node:path";
import { AppError, systemClock } from "../protocol/index.ts";
import { ensureFootage } from "./footage/index.ts";
import { ENTRIES, Launcher, parseOptions, USAGE } from "./launcher/index.ts";

const PROJECT = path.resolve(import.meta.dirname, "..");
/** npm hands one Ctrl-C on a second time; only a later one means impatience. */
const SAME_SIGNAL_MS = 1_500;
const PARENT_LOOK_MS = 500;

async function main(): Promise<void> {
  // npm runs scripts in the project; paths are meant from where the person typed.
  const options = parseOptions(process.argv.slice(2), process.env["INIT_CWD"] ?? process.cwd());
  if (options === "help") {
    process.stdout.write(USAGE);
    return;
  }
  const launcher = new Launcher(options, {
    project: PROJECT,
    entries: ENTRIES,
    env: process.env,
    clock: systemClock,
    footage: () => ensureFootage(PROJECT),
    say: (line) => process.stdout.write(`${line}\n`),
  });
  const isStopping = stopOnSignals(launcher);
  const startedMs = performance.now();
  process.stdout.write("Starting …\n");
  const url = await launcher.start().catch((error: unknown) => {
    if (!isStopping()) {
      throw error;
    }
  });
  if (url === undefined) {
    return; // Interrupted while starting; the signal's handler ends the process.
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (options.camera !== undefined) {
    const file = path.join(options.dataDir, "edge.yaml");
    process.stdout.write(`  zones and lines of your camera: copy ${file}, edit it, use --config\n`);
  }
  process.stdout.write(`\nControl room: ${url}  (started in ${seconds} s; Ctrl-C stops all)\n`);
}

/** @returns whether a signal has come */
function stopOnSignals(launcher: Launcher): () => boolean {
  let firstMs: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (firstMs === undefined) {
      firstMs = performance.now();
      process.stdout.write("\nStopping …\n");
      void launcher.stop().then(() => {
        process.stdout.write("Stopped.\n");
        process.exit(signal === "SIGINT" ? 130 : 143);
      });
    } else if (performance.now() - firstMs > SAME_SIGNAL_MS) {
      launcher.kill();
      process.exit(1);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, stop);
  }
  stopWithNpm(() => {
    stop("SIGTERM");
  });
  return () => firstMs !== undefined;
}

/**
 * npm and its shell die of a SIGTERM without handing it on, and a process has no other way to learn
 * that than its new parent. Started without npm it may well outlive the shell.
 */
function stopWithNpm(stop: () => void): void {
  if (process.env["npm_lifecycle_event"] === undefined) {
    return;
  }
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(timer);
      stop();
    }
  }, PARENT_LOOK_MS);
  timer.unref();
}

main().catch((error: unknown) => {
  process.stderr.write(
    `\n${error instanceof AppError ? error.message : String((error as Error).stack)}\n`,
  );
  process.exitCode = 1;
});
