import path from "node:path";
import { describe, expect, it } from "vitest";
import { brainConfigSchema, loadBrainConfig, loadDirectory } from "../../../config/index.ts";

const CONFIG = path.resolve(import.meta.dirname, "../../../config");

describe("the brain's example configuration", () => {
  it("shows the defaults as they are", () => {
    const example = loadBrainConfig(path.join(CONFIG, "brain.example.yaml"));
    const defaults = brainConfigSchema.parse({ directory: example.directory });
    expect({ ...example.server, publicUrl: undefined }).toEqual({ ...defaults.server });
    for (const part of ["jobs", "intake", "dispatch", "filing"] as const) {
      expect(example[part]).toEqual(defaults[part]);
    }
    expect(example.evidence.maxBytes).toBe(defaults.evidence.maxBytes);
    expect(path.relative(CONFIG, example.database.dataDir)).toBe(defaults.database.dataDir);
    expect(path.relative(CONFIG, example.evidence.dir)).toBe(defaults.evidence.dir);
    expect(path.relative(CONFIG, example.security.secretKeyFile)).toBe(
      defaults.security.secretKeyFile,
    );
  });

  it("comes with a directory that loads", () => {
    const directory = loadDirectory(path.join(CONFIG, "directory.example.yaml"));
    expect(directory.nodes[0]?.cameras).toHaveLength(1);
    expect(directory.endpoints.map(({ department }) => department)).toEqual(["ZZ", "GA"]);
  });
});
