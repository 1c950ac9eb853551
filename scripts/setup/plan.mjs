/**
 * What has to be there, in which order, and what can be made side by side:
 *
 *     packages ──▶ models, page
 *     system packages ──▶ encoding ◀── footage
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { SetupFailure, isNetworkTrouble, lastWords } from "./failure.mjs";
import { installPackages } from "./apt.mjs";
import { findProgram, run } from "./command.mjs";
import { hasDependencies, installDependencies } from "./dependencies.mjs";
import { encode, fetchOriginal, hasEncoded, hasOriginal } from "./footage.mjs";
import { withLock } from "./lock.mjs";
import { CACHE, PROJECT, digestOf, fileSize, listingOf, readStamp, writeStamp } from "./paths.mjs";
import { Board } from "./progress.mjs";

const MODES = ["start", "test", "footage", "console"];
const PROGRAMS = {
  start: [["ffmpeg", "ffmpeg"]],
  footage: [["ffmpeg", "ffmpeg"]],
  console: [],
  test: [
    ["ffmpeg", "ffmpeg"],
    ["redis-server", "redis-server"],
    ["chromium", "chromium"],
  ],
};

export async function setUp(mode) {
  if (!MODES.includes(mode)) {
    throw new SetupFailure(`Unknown set-up "${mode}": expected one of ${MODES.join(", ")}.`);
  }
  if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) {
    throw new SetupFailure(
      `This runs on Linux on x64 or arm64, and this is ${process.platform} on ${process.arch}.`,
    );
  }
  const board = new Board();
  await withLock(
    path.join(CACHE, "setup", "lock"),
    () => everything(board, mode),
    (pid) => board.note(`Waiting for another set-up (process ${pid}) …`),
  );
}

async function everything(board, mode) {
  const results = await Promise.allSettled([
    mode === "footage" ? undefined : ourPackagesAndWhatTheyBuild(board, mode),
    mode === "console" ? undefined : systemAndFootage(board, mode),
  ]);
  const failures = results.filter((result) => result.status === "rejected");
  if (failures.length > 0) {
    // All sentences, since each names something else to mend; a bug's stack last.
    const sentences = failures.map(({ reason }) => reason.sentence ?? `${reason.stack}`);
    throw new SetupFailure(sentences.join("\n\n"));
  }
}

async function ourPackagesAndWhatTheyBuild(board, mode) {
  if (!hasDependencies()) {
    await board.step("Packages (npm ci)", installDependencies, "installed");
  }
  const builds = [buildPage(board)];
  if (mode !== "console") {
    builds.push(fetchModels(board));
  }
  await Promise.all(builds);
}

async function systemAndFootage(board, mode) {
  const wanted = PROGRAMS[mode].filter(([program]) => findProgram(program) === undefined);
  const names = wanted.map(([, name]) => name);
  const system =
    names.length === 0
      ? undefined
      : board.step(
          `System packages (${names.join(", ")})`,
          (report) => installPackages(names, report),
          "installed",
        );
  const needsFootage = mode !== "start" || !isOwnCameraGiven();
  const [installed, footage] = await Promise.allSettled([
    system,
    needsFootage ? footageOf(board) : undefined,
  ]);
  if (installed.status === "rejected") {
    throw installed.reason;
  }
  try {
    if (footage.status === "rejected") {
      throw footage.reason;
    }
    if (needsFootage && !hasEncoded()) {
      await board.step("Demonstration footage (H.264)", encode, "encoded");
    }
  } catch (error) {
    throw withAdvice(error, mode);
  }
}

async function footageOf(board) {
  if (!hasOriginal()) {
    await board.step("Demonstration footage (95 MB from Debian)", fetchOriginal, "fetched");
  }
}

function withAdvice(error, mode) {
  return mode === "test" || !(error instanceof SetupFailure)
    ? error
    : new SetupFailure(
        `${error.message}\n` +
          "The demonstration runs without it on a source of your own: " +
          "npm start -- --camera rtsp://… or a video file.",
      );
}

/**
 * npm hands `--camera` to the start script alone, not to this one; its process title shows it. A
 * wrong guess costs time only: the start script asks for the footage itself where it needs it.
 */
function isOwnCameraGiven() {
  let pid = process.ppid;
  for (let step = 0; step < 3 && pid > 1; step++) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("--camera")) {
        return true;
      }
      pid = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
    } catch {
      return false;
    }
  }
  return false;
}

/** Models: the step is skipped while neither the tool nor what it has made has changed. */
async function fetchModels(board) {
  const made = path.join(CACHE, "models");
  const stamp = () => `${digestOf("models")} ${listingOf(made)}`;
  if (readStamp("models") === stamp()) {
    return;
  }
  await board.step(
    "Models",
    async (report) => {
      const args = ["--import", "tsx", "models/main.ts"];
      const { code, output } = await run(process.execPath, args, {
        cwd: PROJECT,
        onLine: (line) => report({ detail: line.trim().slice(0, 70) }),
      });
      if (code !== 0) {
        const why = isNetworkTrouble(output) ? " because the npm registry cannot be reached" : "";
        throw new SetupFailure(
          `The models cannot be prepared${why}; \`npm run models\` says more.\n  ` +
            lastWords(output, 4),
        );
      }
    },
    "ready",
  );
  writeStamp("models", stamp());
}

/** The control room's page: built again when its sources or its tools have changed. */
async function buildPage(board) {
  const stamp = digestOf("console", "protocol", "package-lock.json");
  const isThere = fileSize(path.join(PROJECT, "dist", "console", "index.html")) !== undefined;
  if (isThere && readStamp("console") === stamp) {
    return;
  }
  await board.step(
    "Control room's page",
    async () => {
      const vite = path.join(PROJECT, "node_modules", "vite", "bin", "vite.js");
      const args = [vite, "build", "--config", "console/vite.config.ts", "--logLevel", "error"];
      const { code, output } = await run(process.execPath, args, { cwd: PROJECT });
      if (code !== 0) {
        throw new SetupFailure(
          `The control room's page cannot be built: vite failed.\n  ${lastWords(output, 6)}`,
        );
      }
    },
    "built",
  );
  writeStamp("console", stamp);
}
