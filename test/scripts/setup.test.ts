import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
// @ts-expect-error plain JavaScript that runs before anything is installed
import * as versionModule from "../../scripts/setup/version.mjs";
// @ts-expect-error plain JavaScript that runs before anything is installed
import * as progressModule from "../../scripts/setup/progress.mjs";
// @ts-expect-error plain JavaScript that runs before anything is installed
import * as aptModule from "../../scripts/setup/apt.mjs";
// @ts-expect-error plain JavaScript that runs before anything is installed
import * as dependenciesModule from "../../scripts/setup/dependencies.mjs";
// @ts-expect-error plain JavaScript that runs before anything is installed
import * as failureModule from "../../scripts/setup/failure.mjs";
// @ts-expect-error plain JavaScript that runs before anything is installed
import * as lockModule from "../../scripts/setup/lock.mjs";

interface Lock {
  readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
interface Step {
  readonly name: string;
  readonly fraction?: number;
  readonly detail?: string;
}
interface BoardLike {
  step<T>(name: string, work: (report: (u: object) => void) => Promise<T>): Promise<T>;
}

const { parseVersion, compareVersions, isAtLeast } = versionModule as {
  parseVersion: (text: string) => number[];
  compareVersions: (a: string, b: string) => number;
  isAtLeast: (a: string, b: string) => boolean;
};
const { formatBar, formatDuration, formatStep, Board } = progressModule as {
  formatBar: (fraction: number, width?: number) => string;
  formatDuration: (ms: number) => string;
  formatStep: (step: Step, elapsedMs: number) => string;
  Board: new (out: object, now: () => number) => BoardLike;
};
const { parseAptStatus } = aptModule as { parseAptStatus: (line: string) => unknown };
const { expectedFolders, isSameInstallation, lockStamp } = dependenciesModule as {
  expectedFolders: (lock: Lock, platform: string, arch: string, libc: string) => string[];
  isSameInstallation: (a: Lock, b: Lock, p: string, arch: string, libc: string) => boolean;
  lockStamp: (text: string, platform: string, arch: string) => string;
};
const { isNetworkTrouble, lastWords } = failureModule as {
  isNetworkTrouble: (text: string) => boolean;
  lastWords: (text: string, lines?: number) => string;
};

describe("versions", () => {
  it("are read with and without v, with missing parts and suffixes", () => {
    expect(parseVersion("v20.11.1")).toEqual([20, 11, 1]);
    expect(parseVersion("20")).toEqual([20, 0, 0]);
    expect(parseVersion("v21.0.0-nightly+abc")).toEqual([21, 0, 0]);
    expect(parseVersion("nonsense")).toEqual([0, 0, 0]);
  });

  it("are compared as numbers, not as text", () => {
    expect(compareVersions("9.0.0", "20.0.0")).toBeLessThan(0);
    expect(compareVersions("20.11.0", "20.9.9")).toBeGreaterThan(0);
    expect(isAtLeast("v20.11.0", "20.11.0")).toBe(true);
    expect(isAtLeast("v20.10.9", "20.11.0")).toBe(false);
    expect(isAtLeast("v18.20.4", "20.11.0")).toBe(false);
  });
});

describe("progress", () => {
  it("draws a bar that stays within its ends", () => {
    expect(formatBar(0, 10)).toBe("[----------]   0 %");
    expect(formatBar(0.5, 10)).toBe("[#####-----]  50 %");
    expect(formatBar(7, 10)).toBe("[##########] 100 %");
    expect(formatBar(-1, 4)).toBe("[----]   0 %");
  });

  it("tells short and long times", () => {
    expect(formatDuration(1_240)).toBe("1.2 s");
    expect(formatDuration(42_400)).toBe("42 s");
    expect(formatDuration(125_000)).toBe("2 min 5 s");
  });

  it("tells elapsed time where the share is not known", () => {
    expect(formatStep({ name: "Packages" }, 3_000)).toBe("Packages: 3.0 s");
    expect(formatStep({ name: "Packages", fraction: 1, detail: "done" }, 3_000)).toBe(
      "Packages: [####################] 100 %  done",
    );
  });

  it("says when a step begins, when it ends and when it fails, and passes the failure on", async () => {
    const lines: string[] = [];
    let now = 0;
    const board = new Board({ write: (text: string) => lines.push(text) }, () => now);
    await board.step("A", () => {
      now = 1_000;
      return Promise.resolve();
    });
    await expect(board.step("B", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(lines).toEqual(["A …\n", "A: done (1.0 s)\n", "B …\n", "B: failed after 0.0 s\n"]);
  });
});

describe("apt's progress", () => {
  it("is read from download and installation lines", () => {
    expect(parseAptStatus("dlstatus:1:42.5:Retrieving file 1 of 3")).toEqual({
      phase: "download",
      fraction: 0.425,
      detail: "Retrieving file 1 of 3",
    });
    expect(parseAptStatus("pmstatus:libc6:amd64:45.5:Unpacking libc6:amd64 (amd64)")).toEqual({
      phase: "install",
      fraction: 0.455,
      detail: "Unpacking libc6:amd64 (amd64)",
    });
  });

  it("ignores every other line", () => {
    expect(parseAptStatus("Reading package lists...")).toBeUndefined();
    expect(parseAptStatus("pmerror:x:1:broken")).toBeUndefined();
    expect(parseAptStatus("")).toBeUndefined();
  });
});

describe("dependencies", () => {
  const lock: Lock = {
    packages: {
      "": { name: "root" },
      "node_modules/a": { version: "1.0.0" },
      "node_modules/a/node_modules/b": { version: "2.0.0" },
      "node_modules/c-darwin": { version: "1.0.0", os: ["darwin"], optional: true },
      "node_modules/c-linux": { version: "1.0.0", os: ["linux"], cpu: ["x64"], optional: true },
      "node_modules/c-musl": { version: "1.0.0", os: ["linux"], libc: ["musl"], optional: true },
      "node_modules/d": { version: "3.0.0", os: ["!win32"] },
      "packages/linked": { link: true },
    },
  };

  it("count only what this platform gets", () => {
    expect(expectedFolders(lock, "linux", "x64", "glibc")).toEqual([
      "node_modules/a",
      "node_modules/a/node_modules/b",
      "node_modules/c-linux",
      "node_modules/d",
    ]);
    expect(expectedFolders(lock, "win32", "x64", "glibc")).not.toContain("node_modules/d");
  });

  it("accept an installation made by hand when it is the lock's", () => {
    expect(isSameInstallation(lock, lock, "linux", "x64", "glibc")).toBe(true);
  });

  it("refuse an installation with a missing or another version", () => {
    const without = Object.fromEntries(Object.entries(lock.packages).slice(2));
    expect(isSameInstallation(lock, { packages: without }, "linux", "x64", "glibc")).toBe(false);
    const other = { ...lock.packages, "node_modules/a": { version: "1.0.1" } };
    expect(isSameInstallation(lock, { packages: other }, "linux", "x64", "glibc")).toBe(false);
  });

  it("get another stamp with another lock or platform", () => {
    expect(lockStamp("a", "linux", "x64")).not.toBe(lockStamp("b", "linux", "x64"));
    expect(lockStamp("a", "linux", "x64")).not.toBe(lockStamp("a", "linux", "arm64"));
    expect(lockStamp("a", "linux", "x64")).toBe(lockStamp("a", "linux", "x64"));
  });
});

describe("one set-up at a time", () => {
  const { withLock } = lockModule as {
    withLock: <T>(
      file: string,
      work: () => Promise<T>,
      onWait: (pid: number) => void,
    ) => Promise<T>;
  };

  it("waits for a living one, takes over from a dead one, and leaves nothing", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "setup-lock-"));
    const file = path.join(folder, "lock");
    await writeFile(file, String(2 ** 22 + 1)); // No process has this number.
    const order: string[] = [];
    let finish = (): void => undefined;
    const first = withLock(
      file,
      () => new Promise<void>((resolve) => (finish = resolve)).then(() => order.push("first")),
      () => order.push("first waits"),
    );
    await expect.poll(() => readFile(file, "utf8").catch(() => "")).toBe(String(process.pid));
    const second = withLock(
      file,
      () => Promise.resolve(order.push("second")),
      (pid) => {
        order.push(`second waits for ${String(pid)}`);
        finish();
      },
    );
    await Promise.all([first, second]);
    expect(order).toEqual([`second waits for ${String(process.pid)}`, "first", "second"]);
    await expect(readFile(file)).rejects.toThrow("ENOENT");
    await rm(folder, { recursive: true });
  });
});

describe("failures", () => {
  it("recognise an unreachable host in npm's and apt's words", () => {
    expect(isNetworkTrouble("npm error code ENOTFOUND")).toBe(true);
    expect(isNetworkTrouble("E: Could not resolve 'mirror'")).toBe(true);
    expect(isNetworkTrouble("npm error code EUSAGE")).toBe(false);
  });

  it("end with apt's own complaints where it has some", () => {
    expect(lastWords("Reading lists\nE: Unable to locate package x\nDone")).toBe(
      "E: Unable to locate package x",
    );
  });

  it("end with the last lines that say anything", () => {
    expect(lastWords("a\n\n b \ndlstatus:1:0:x\n\nc\n", 2)).toBe("b\n  c");
  });
});
