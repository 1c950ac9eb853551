/** The packages of package-lock.json, installed by `npm ci` when they are missing or others. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { SetupFailure, isNetworkTrouble, lastWords } from "./failure.mjs";
import { run } from "./command.mjs";
import { PROJECT, writeAtomically } from "./paths.mjs";

const MODULES = path.join(PROJECT, "node_modules");
/** Written last, inside node_modules: an interrupted installation has none. */
const STAMP = path.join(MODULES, ".setup-stamp");

export function lockStamp(lockText, platform = process.platform, arch = process.arch) {
  return `${createHash("sha256").update(lockText).digest("hex")} ${platform}-${arch}`;
}

/** Folders that an installation of this lock has on this platform. */
export function expectedFolders(lock, platform, arch, libc) {
  // "!win32" forbids; a list with plain names demands one of them.
  const fits = (list, value) =>
    list === undefined ||
    (!list.includes(`!${value}`) &&
      (list.includes(value) || list.every((name) => name.startsWith("!"))));
  return Object.entries(lock.packages ?? {})
    .filter(
      ([folder, entry]) =>
        folder !== "" &&
        !entry.link &&
        fits(entry.os, platform) &&
        fits(entry.cpu, arch) &&
        fits(entry.libc, libc),
    )
    .map(([folder]) => folder);
}

/**
 * True when what npm says it installed is what the lock demands: then an installation made by hand
 * is as good as ours. npm writes its record only at the end of a whole installation.
 */
export function isSameInstallation(lock, record, platform, arch, libc) {
  return expectedFolders(lock, platform, arch, libc).every((folder) => {
    const wanted = lock.packages[folder];
    const got = record.packages?.[folder];
    return got === undefined ? wanted.optional === true : got.version === wanted.version;
  });
}

function libcOf() {
  return process.report?.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** True when nothing has to be installed. */
export function hasDependencies() {
  const lockText = readText(path.join(PROJECT, "package-lock.json"));
  if (lockText === undefined) {
    throw new SetupFailure(
      "package-lock.json is missing: this is not a whole copy of the project.",
    );
  }
  if (readText(STAMP)?.trim() === lockStamp(lockText)) {
    return true;
  }
  const record = readText(path.join(MODULES, ".package-lock.json"));
  if (record === undefined) {
    return false;
  }
  const { platform, arch } = process;
  const same = isSameInstallation(
    JSON.parse(lockText),
    JSON.parse(record),
    platform,
    arch,
    libcOf(),
  );
  if (same) {
    writeAtomically(STAMP, `${lockStamp(lockText)}\n`);
  }
  return same;
}

export async function installDependencies(report) {
  const lockText = readFileSync(path.join(PROJECT, "package-lock.json"), "utf8");
  const folders = expectedFolders(JSON.parse(lockText), process.platform, process.arch, libcOf());
  const count = () =>
    folders.filter((folder) => existsSync(path.join(PROJECT, folder, "package.json"))).length;
  const timer = setInterval(() => {
    const done = count();
    // npm says nothing itself when its output is piped; what it has unpacked can be counted.
    report({
      fraction: (0.95 * done) / folders.length,
      detail: `${done} of ${folders.length} packages`,
    });
  }, 1_000);
  try {
    const { program, args } = npm();
    const { code, output } = await run(program, [...args, ...CI_ARGS], {
      cwd: PROJECT,
      // The inference engine's CUDA libraries come from elsewhere and are not needed.
      env: { ONNXRUNTIME_NODE_INSTALL: "skip" },
    });
    if (code !== 0) {
      throw new SetupFailure(sentenceFor(output));
    }
  } finally {
    clearInterval(timer);
  }
  writeAtomically(STAMP, `${lockStamp(lockText)}\n`);
}

const CI_ARGS = [
  "ci",
  // A user's own configuration may say otherwise; tools of the build are development packages, and
  // the embedded PostgreSQL is completed by its install script.
  "--include=dev",
  "--include=optional",
  "--ignore-scripts=false",
  "--no-audit",
  "--no-fund",
  "--loglevel=error",
];

function npm() {
  const cli = process.env.npm_execpath ?? "";
  return path.basename(cli) === "npm-cli.js"
    ? { program: process.execPath, args: [cli] }
    : { program: "npm", args: [] };
}

/** What npm complains of comes first; pages of help follow. */
function npmWords(output) {
  const lines = output
    .split("\n")
    .filter((line) => line.startsWith("npm error "))
    .map((line) => line.slice("npm error ".length).trim())
    .filter((line) => line !== "" && !/^(aliases|options|usage|run "npm help)/i.test(line));
  return lines.length === 0 ? lastWords(output, 4) : lines.slice(0, 5).join("\n  ");
}

function sentenceFor(output) {
  const words = npmWords(output);
  if (isNetworkTrouble(output)) {
    return (
      "The packages cannot be installed because the npm registry cannot be reached; check the " +
      `network and \`npm config get registry\`, then try again.\n  ${words}`
    );
  }
  return /EACCES|EPERM|EROFS/.test(output)
    ? `The packages cannot be installed because node_modules cannot be written.\n  ${words}`
    : `The packages cannot be installed: npm ci failed.\n  ${words}`;
}
