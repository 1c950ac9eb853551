import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RotatingLog } from "../../../demo/launcher/index.ts";

describe("rotating log", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "log-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("keeps at most two files and never more than their size", async () => {
    const file = path.join(folder, "x.log");
    const log = new RotatingLog(file, 20);
    for (let line = 0; line < 10; line++) {
      log.write(`line ${line} ok\n`);
    }
    expect((await readdir(folder)).sort()).toEqual(["x.log", "x.log.1"]);
    expect(await readFile(file, "utf8")).toBe("line 8 ok\nline 9 ok\n");
    expect(await readFile(`${file}.1`, "utf8")).toBe("line 6 ok\nline 7 ok\n");
  });

  it("goes on in the file of an earlier start", async () => {
    const file = path.join(folder, "x.log");
    new RotatingLog(file, 100).write("first\n");
    new RotatingLog(file, 100).write("second\n");
    expect(await readFile(file, "utf8")).toBe("first\nsecond\n");
  });

  it("remembers the last words of this run", () => {
    const log = new RotatingLog(path.join(folder, "x.log"));
    log.write("a\n\nb\n");
    expect(log.tail).toBe("a\nb");
    log.forgetTail();
    expect(log.tail).toBe("");
  });
});
