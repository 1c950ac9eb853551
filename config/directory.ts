/**
 * Who sends and who is told: nodes with their cameras, endpoints, and files with their secrets. The
 * commented reference is `config/directory.example.yaml`.
 */
import path from "node:path";
import { z } from "zod";
import {
  cameraIdSchema,
  departmentCodeSchema,
  locationSchema,
  nodeIdSchema,
  siteTypeSchema,
} from "../protocol/index.ts";
import { loadYaml } from "./load.ts";

export const directorySchema = z
  .object({
    nodes: z.array(
      z
        .object({
          id: nodeIdSchema,
          secretFile: z.string(),
          cameras: z.array(
            z
              .object({
                id: cameraIdSchema,
                name: z.string().min(1).max(80),
                siteType: siteTypeSchema,
                managingUnit: z.string().min(1),
                purposes: z.array(z.string().min(1)).min(1),
                retentionDays: z.number().int().min(1).max(3650),
                signPosted: z.boolean(),
                location: locationSchema,
              })
              .strict(),
          ),
        })
        .strict(),
    ),
    endpoints: z.array(
      z
        .object({
          /** Of the catalogue or of the town that was imported. */
          department: departmentCodeSchema,
          url: z.url({ protocol: /^https?$/ }),
          secretFile: z.string(),
        })
        .strict(),
    ),
  })
  .strict();
export type Directory = z.infer<typeof directorySchema>;

/** Loads the directory; relative paths of secret files start at its own folder. */
export function loadDirectory(file: string): Directory {
  const directory = loadYaml(file, directorySchema);
  const base = path.dirname(path.resolve(file));
  const withSecret = <T extends { secretFile: string }>(entry: T): T => ({
    ...entry,
    secretFile: path.resolve(base, entry.secretFile),
  });
  return {
    nodes: directory.nodes.map(withSecret),
    endpoints: directory.endpoints.map(withSecret),
  };
}
