/**
 * The plans in force, on disk: a node that starts again while the brain is away goes on with the
 * last ones. A file that cannot be read is moved aside and the configuration file holds: the brain
 * sees that its plans are not in force and sends them again with its next answer.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { z } from "zod";
import { cameraPlanSchema, type CameraPlan } from "../../protocol/index.ts";

export interface PlanLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const fileSchema = z.object({ plans: z.array(cameraPlanSchema) });

export class PlanFile {
  readonly #file: string;
  readonly #log: PlanLog;

  constructor(dataDir: string, log: PlanLog) {
    this.#log = log;
    mkdirSync(dataDir, { recursive: true });
    this.#file = path.join(dataDir, "plans.json");
  }

  read(): readonly CameraPlan[] {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(this.#file, "utf8"))).plans;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return [];
      }
      const movedAside = `${this.#file}.unreadable`;
      renameSync(this.#file, movedAside);
      const reason = error instanceof Error ? error.message : String(error);
      const fields = { file: this.#file, movedAside, reason };
      this.#log.error(fields, "the plans on disk cannot be read: the configuration file holds");
      return [];
    }
  }

  /** Durable when it returns: either the old plans or the new ones survive a crash. */
  write(plans: readonly CameraPlan[]): void {
    const temporary = `${this.#file}.part`;
    const descriptor = openSync(temporary, "w", 0o600);
    try {
      writeSync(descriptor, JSON.stringify({ plans }));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, this.#file);
  }
}
