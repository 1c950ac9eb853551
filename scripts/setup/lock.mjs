/** One set-up at a time: two would install into each other's folders. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

const LOOK_MS = 250;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The living owner of a lock, or undefined where there is none; what a dead one left is removed. */
function ownerOf(file) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const pid = Number(text);
  if (Number.isInteger(pid) && pid > 0 && isAlive(pid)) {
    return pid;
  }
  // A lock without a number may be one that is just being written.
  const ageMs = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (text === "" && ageMs < 5_000) {
    return 0;
  }
  rmSync(file, { force: true });
  return undefined;
}

/** Runs `work` while no other process holds the lock; `onWait` is told once who does. */
export async function withLock(file, work, onWait) {
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  for (;;) {
    const owner = ownerOf(file);
    if (owner === undefined) {
      try {
        writeFileSync(file, String(process.pid), { flag: "wx" });
        break;
      } catch (error) {
        if (error.code !== "EEXIST") {
          throw error;
        }
      }
    } else if (!told && owner > 0) {
      told = true;
      onWait(owner);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release); // Also when a signal ends the set-up.
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}
