/** The camera server as a program. */
import { AppError } from "../../protocol/index.ts";
import { startCameraServer } from "./camera-server.ts";
import type { CameraServer } from "./camera-server.ts";
import type { TranscodeProgress } from "./clip-library.ts";
import { parseProgramOptions, USAGE } from "./program-options.ts";
import type { ProgramOptions } from "./program-options.ts";

async function main(args: readonly string[]): Promise<void> {
  const options = parseProgramOptions(args);
  if (options.isHelp) {
    process.stdout.write(USAGE);
    return;
  }
  const ended = new AbortController();
  endWithOwner(options, ended);
  const server = await startCameraServer({
    ...options.server,
    signal: ended.signal,
    onProgress: printProgress,
    ...(options.isReporting
      ? {
          onClientStarted: (event): void => {
            printLine({ kind: "client-started", ...event });
          },
        }
      : {}),
  });
  announce(server, options);
  await server.closed;
}

function endWithOwner(options: ProgramOptions, ended: AbortController): void {
  const end = (): void => {
    ended.abort();
    process.stdin.destroy();
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  if (options.isEndedByStdin) {
    process.stdin.once("end", end).once("error", end).resume();
  }
}

function announce(server: CameraServer, options: ProgramOptions): void {
  const urls = Object.keys(options.server.mounts).map((name) => server.url(name));
  if (options.isReporting) {
    printLine({ kind: "listening", port: server.port, urls });
  } else {
    process.stdout.write(`Cameras: ${urls.join(" ")}\n`);
  }
}

function printLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function printProgress({ path, reason, doneFrames, totalFrames }: TranscodeProgress): void {
  const percent = Math.min(100, Math.round((100 * doneFrames) / Math.max(1, totalFrames)));
  process.stderr.write(`Preparing ${path} (${reason}): ${String(percent)} %\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isInterrupted = error instanceof DOMException && error.name === "AbortError";
  if (!isInterrupted) {
    const text = error instanceof AppError ? `${error.code}: ${error.message}` : error;
    process.stderr.write(`${text instanceof Error ? (text.stack ?? "") : String(text)}\n`);
    process.exitCode = 1;
  }
}
