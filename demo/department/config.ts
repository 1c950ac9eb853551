/** Configuration of the demonstration department: one process that speaks for several. */
import path from "node:path";
import { z } from "zod";
import { loadYaml } from "../../config/index.ts";
import { departmentCodeSchema } from "../../protocol/index.ts";

export const departmentConfigSchema = z
  .object({
    host: z.string().default("127.0.0.1"),
    port: z.number().int().min(0).max(65_535).default(8091),
    /** The ledger of everything received lives here. */
    dataDir: z.string().min(1),
    /** The brain that may be answered; acknowledgement addresses elsewhere are refused. */
    brainUrl: z.url({ protocol: /^https?$/ }).optional(),
    /** The duty desk thinks this long before it accepts. */
    thinkMs: z.number().int().min(0).max(3_600_000).default(1_500),
    /** More tasks than this without an answer: new ones are put off with 503. */
    maxPending: z.number().int().positive().default(10_000),
    departments: z
      .array(z.object({ code: departmentCodeSchema, secretFile: z.string().min(1) }).strict())
      .min(1),
  })
  .strict();
export type DepartmentConfig = z.infer<typeof departmentConfigSchema>;

/** Relative paths start at the file's own folder. */
export function loadDepartmentConfig(file: string): DepartmentConfig {
  const config = loadYaml(file, departmentConfigSchema);
  const base = path.dirname(path.resolve(file));
  return {
    ...config,
    dataDir: path.resolve(base, config.dataDir),
    departments: config.departments.map(({ code, secretFile }) => ({
      code,
      secretFile: path.resolve(base, secretFile),
    })),
  };
}
