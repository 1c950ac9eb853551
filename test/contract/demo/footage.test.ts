import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureFootage, footageFile } from "../../../demo/footage/index.ts";

describe("demonstration footage", () => {
  let project: string;
  beforeEach(async () => {
    project = await mkdtemp(path.join(os.tmpdir(), "footage-"));
  });
  afterEach(async () => {
    await rm(project, { recursive: true });
  });

  async function withSetup(script: string): Promise<void> {
    await mkdir(path.join(project, "scripts"));
    await writeFile(path.join(project, "scripts", "setup.mjs"), script);
  }

  it("is used as it is where it is there", async () => {
    await mkdir(path.dirname(footageFile(project)), { recursive: true });
    await writeFile(footageFile(project), "x");
    expect(await ensureFootage(project)).toBe(footageFile(project));
  });

  it("is brought by the set-up where it is missing", async () => {
    await withSetup(`
      import fs from "node:fs";
      fs.mkdirSync(${JSON.stringify(path.dirname(footageFile(project)))}, { recursive: true });
      fs.writeFileSync(${JSON.stringify(footageFile(project))}, process.argv[2]);
    `);
    expect(await ensureFootage(project)).toBe(footageFile(project));
  });

  it("is a clear failure where the set-up cannot bring it", async () => {
    await withSetup("process.exit(1)");
    await expect(ensureFootage(project)).rejects.toThrow(/no footage/);
  });
});
