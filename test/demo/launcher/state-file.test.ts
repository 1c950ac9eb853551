import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  isProcessOf,
  readState,
  stateFile,
  writeState,
  type LauncherState,
} from "../../../demo/launcher/index.ts";

describe("state file", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "state-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("is read as it was written", () => {
    const state: LauncherState = {
      version: 1,
      pid: 7,
      startedAt: 1,
      dataDir: folder,
      controlRoomUrl: "http://127.0.0.1:8080/",
      ports: { brain: 8080, department: 8091, rtsp: 8554 },
      children: {
        brain: { pid: 8, state: "running", since: 2, restarts: 0, log: "l", entry: "e" },
      },
    };
    writeState(folder, state);
    expect(readState(folder)).toEqual(state);
  });

  it("is nothing where it is missing or damaged", async () => {
    expect(readState(folder)).toBeUndefined();
    await writeFile(stateFile(folder), '{"version":1,"pid":');
    expect(readState(folder)).toBeUndefined();
    await writeFile(stateFile(folder), '{"version":2}');
    expect(readState(folder)).toBeUndefined();
  });

  it("does not take another process for one of ours", () => {
    expect(isProcessOf(process.pid, "node")).toBe(true);
    expect(isProcessOf(process.pid, "/no/such/entry.ts")).toBe(false);
    expect(isProcessOf(2 ** 22 + 1, "node")).toBe(false);
  });
});
