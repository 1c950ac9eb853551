/** The built page, built anew when its sources have changed. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
export const PAGE_FOLDER = join(ROOT, "dist/console");

/** Before the first file of a run: files side by side must not build it under each other. */
export default function setup(): void {
  buildPage();
}

export function buildPage(): void {
  const built = join(PAGE_FOLDER, "index.html");
  if (!existsSync(built) || statSync(built).mtimeMs < newestChange(join(ROOT, "console"))) {
    execFileSync("npm", ["run", "-s", "build:console"], { cwd: ROOT, stdio: "pipe" });
  }
}

/** Epoch ms. */
function newestChange(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(
    0,
    ...files
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}
