/** A town's folder on disk. */
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { PermanentError } from "../../../protocol/index.ts";
import { MAX_FILE_BYTES } from "./text-file.ts";
import { TOWN_FILES, type TownTexts } from "./town-files.ts";

/**
 * @returns bytes by name; a file that is not there is left out.
 * @throws PermanentError CONFIG_INVALID when the folder cannot be read or a file is far too large.
 */
export async function loadTownFolder(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  await refuseStranger(folder);
  for (const name of TOWN_FILES) {
    const file = path.join(folder, name);
    try {
      const { size } = await stat(file);
      if (size > MAX_FILE_BYTES) {
        throw new PermanentError("CONFIG_INVALID", "A file of the town is too large", {
          where: file,
          expected: `at most ${MAX_FILE_BYTES} bytes`,
          got: `${size}`,
        });
      }
      files.set(name, await readFile(file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
        throw unreadable(file, error);
      }
    }
  }
  return files;
}

async function refuseStranger(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  if (!found.isDirectory()) {
    throw new PermanentError("CONFIG_INVALID", "This is no folder", {
      where: folder,
      expected: `a folder with ${TOWN_FILES.join(", ")}`,
    });
  }
}

/** Each file is put in place at once, so that a reader never sees half of one. */
export async function saveTownFolder(folder: string, texts: TownTexts): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of texts) {
      const file = path.join(folder, name);
      await writeFile(`${file}.part`, text);
      await rename(`${file}.part`, file);
    }
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function unreadable(where: string, error: unknown): PermanentError {
  if (error instanceof PermanentError) {
    return error;
  }
  const got = (error as NodeJS.ErrnoException).code ?? String(error);
  return new PermanentError(
    "CONFIG_INVALID",
    "The town's folder cannot be used",
    { where, expected: "a folder that can be read and written", got },
    error,
  );
}
