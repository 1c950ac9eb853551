/** Debian's package tools: lists, installation with progress, download without installation. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { SetupFailure, isNetworkTrouble, lastWords } from "./failure.mjs";
import { findProgram, run } from "./command.mjs";
import { CACHE } from "./paths.mjs";

/** apt's progress lines come mixed into its output: no other descriptor passes through sudo. */
const STATUS = ["-q", "-o", "APT::Status-Fd=1"];

/**
 * "dlstatus:1:42.5:Retrieving file 1 of 3" → { phase: "download", fraction: 0.425, detail };
 * "pmstatus:ffmpeg:45.4:Unpacking ffmpeg" → { phase: "install", … }; other lines: undefined.
 */
export function parseAptStatus(line) {
  const match = /^(dlstatus|pmstatus):(.*?):(\d+(?:\.\d+)?):(.*)$/.exec(line.trim());
  if (match === null) {
    return undefined;
  }
  return {
    phase: match[1] === "dlstatus" ? "download" : "install",
    fraction: Math.min(1, Number(match[3]) / 100),
    detail: match[4],
  };
}

export function hasApt() {
  return findProgram("apt-get") !== undefined;
}

/** How to become root: { prefix } of a command line, or undefined where that cannot be. */
async function rootPrefix() {
  if (process.getuid?.() === 0) {
    return [];
  }
  const sudo = findProgram("sudo");
  if (sudo !== undefined && (await run(sudo, ["-n", "true"])).code === 0) {
    return [sudo, "-n"];
  }
  return undefined;
}

function watch(report, share = (status) => status.fraction) {
  return (line) => {
    const status = parseAptStatus(line);
    if (status !== undefined) {
      report({ fraction: share(status), detail: status.detail });
    }
  };
}

let updated;

/** Fetches the package lists, once in this process. */
function update(prefix, report) {
  const [program, ...args] = [...prefix, "apt-get", "update", ...STATUS];
  updated ??= run(program, args, { onLine: watch(report, () => undefined) });
  return updated;
}

/** Services must not start only because their package arrives. */
const INSTALL = `set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends -q -o APT::Status-Fd=1 \
  -o DPkg::Lock::Timeout=120 "$@"`;

/** @throws SetupFailure with the exact command where this user may not install. */
export async function installPackages(names, report) {
  const byHand = `apt-get install --no-install-recommends ${names.join(" ")}`;
  if (!hasApt()) {
    throw new SetupFailure(
      `${names.join(" and ")} must be installed, and this system has no apt-get: ` +
        "install them with its own package manager, then try again.",
    );
  }
  const prefix = await rootPrefix();
  if (prefix === undefined) {
    throw new SetupFailure(
      `${names.join(" and ")} must be installed, which needs root: run \`sudo ${byHand}\`, ` +
        "then try again.",
    );
  }
  const lists = await update(prefix, report);
  const [program, ...args] = [...prefix, "sh", "-c", INSTALL, "sh", ...names];
  const { code, output } = await run(program, args, {
    onLine: watch(report, ({ phase, fraction }) =>
      phase === "download" ? fraction / 2 : (1 + fraction) / 2,
    ),
  });
  if (code !== 0) {
    throw new SetupFailure(describeFailure(names, byHand, `${lists.output}\n${output}`, output));
  }
}

function describeFailure(names, byHand, everything, output) {
  const words = lastWords(output);
  if (isNetworkTrouble(everything)) {
    return (
      `${names.join(" and ")} cannot be installed because Debian's package mirror cannot be ` +
      `reached; check the network, then try again.\n  ${words}`
    );
  }
  return `${names.join(" and ")} cannot be installed: \`${byHand}\` failed.\n  ${words}`;
}

/** Package lists of this user's own, where the system's are missing and may not be written. */
async function downloadOptions(name, report) {
  const asRoot = process.getuid?.() === 0;
  const options = asRoot ? ["-o", "APT::Sandbox::User=root"] : [];
  // The system may know an installed package without knowing where it came from.
  const isKnown = async (more) =>
    (await run("apt-get", ["download", "--print-uris", "-qq", name, ...more])).code === 0;
  if (await isKnown(options)) {
    return options;
  }
  if (asRoot) {
    await update([], report);
    return options;
  }
  const state = path.join(CACHE, "apt");
  mkdirSync(path.join(state, "lists", "partial"), { recursive: true });
  mkdirSync(path.join(state, "cache", "archives", "partial"), { recursive: true });
  const own = [
    ...["-o", `Dir::State=${state}`, "-o", `Dir::State::Lists=${path.join(state, "lists")}`],
    ...["-o", "Dir::State::Status=/var/lib/dpkg/status"],
    ...["-o", `Dir::Cache=${path.join(state, "cache")}`],
  ];
  if (!(await isKnown(own))) {
    const onLine = watch(report, () => undefined);
    await run("apt-get", ["update", ...STATUS, ...own], { onLine });
  }
  return own;
}

/** Downloads one package's file into a folder, without installing it; resolves to its path. */
export async function downloadPackage(name, folder, report) {
  if (!hasApt()) {
    throw new SetupFailure(`Debian's package ${name} is needed, and this system has no apt-get.`);
  }
  const options = await downloadOptions(name, report);
  const fetch = () =>
    run("apt-get", ["download", name, ...STATUS, ...options], {
      cwd: folder,
      onLine: watch(report),
    });
  let result = await fetch();
  if (result.code !== 0 && process.getuid?.() === 0) {
    // Lists that are too old name files that the mirror no longer has.
    await update([], report);
    result = await fetch();
  }
  const file = existsSync(folder)
    ? readdirSync(folder).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith(".deb"))
    : undefined;
  if (result.code !== 0 || file === undefined) {
    const why = isNetworkTrouble(result.output)
      ? "because Debian's package mirror cannot be reached"
      : "by `apt-get download`";
    throw new SetupFailure(
      `Debian's package ${name} cannot be fetched ${why}.\n  ${lastWords(result.output)}`,
    );
  }
  return path.join(folder, file);
}
