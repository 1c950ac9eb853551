import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bestOf, chooseShape, shapesFor, shareFound } from "../../../edge/infer/tuner.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const LOG = { info: (): void => undefined };

describe("shapesFor", () => {
  it("tries every even split of the cores, fewest threads first", () => {
    expect(shapesFor({ workers: "auto", threads: "auto" }, 2)).toEqual([
      { workers: 1, threads: 1 },
      { workers: 1, threads: 2 },
      { workers: 2, threads: 1 },
    ]);
  });

  it("keeps what the configuration fixes", () => {
    const shapes = shapesFor({ workers: 3, threads: "auto" }, 8);
    expect(shapes.every(({ workers }) => workers === 3)).toBe(true);
    expect(shapesFor({ workers: "auto", threads: 2 }, 4)).toEqual([
      { workers: 1, threads: 2 },
      { workers: 2, threads: 2 },
    ]);
  });
});

describe("bestOf", () => {
  const alone = { workers: 1, threads: 1, looksPerS: 20, found: 1 };

  it("takes the fastest", () => {
    const twice = { workers: 2, threads: 1, looksPerS: 38, found: 1 };
    expect(bestOf([alone, { ...alone, threads: 2, looksPerS: 33 }, twice])).toBe(twice);
  });

  it("rejects what loses more than one detection in a hundred, however fast", () => {
    expect(bestOf([alone, { workers: 2, threads: 1, looksPerS: 90, found: 0.98 }])).toBe(alone);
  });

  it("does not take more threads for a gain within the noise", () => {
    expect(bestOf([alone, { workers: 1, threads: 2, looksPerS: 20.9, found: 1 }])).toBe(alone);
  });
});

describe("shareFound", () => {
  const seen = { label: "person", score: 0.9, box: { left: 0, top: 0, width: 0.2, height: 0.4 } };

  it("wants the same class at the same place", () => {
    expect(shareFound([seen], [seen])).toBe(1);
    expect(shareFound([seen], [{ ...seen, label: "dog" }])).toBe(0);
    expect(shareFound([seen], [{ ...seen, box: { ...seen.box, left: 0.1 } }])).toBe(0);
  });
});

describe("chooseShape", () => {
  let cacheDir = "";
  beforeEach(async () => {
    cacheDir = await mkdtemp(path.join(os.tmpdir(), "tuner-"));
  });
  afterEach(() => rm(cacheDir, { recursive: true, force: true }));

  function optionsFor(
    asked: { workers: number | "auto"; threads: number | "auto" },
    measured: string[],
  ): Parameters<typeof chooseShape>[0] {
    return {
      settings: { modelId: "m", cacheDir, provider: "cpu", minScore: 0.1, classes: ["person"] },
      asked,
      clock: new FakeClock(),
      cores: 2,
      log: LOG,
      measure: (shape) => {
        measured.push(`${String(shape.workers)}x${String(shape.threads)}`);
        return Promise.resolve({ ...shape, looksPerS: 10 * shape.workers, found: 1 });
      },
    };
  }

  it("measures nothing when the configuration leaves nothing open", async () => {
    const measured: string[] = [];
    const shape = await chooseShape(optionsFor({ workers: 3, threads: 2 }, measured));
    expect({ shape, measured }).toEqual({ shape: { workers: 3, threads: 2 }, measured: [] });
  });

  it("measures once and remembers", async () => {
    const measured: string[] = [];
    const options = optionsFor({ workers: "auto", threads: "auto" }, measured);
    expect(await chooseShape(options)).toEqual({ workers: 2, threads: 1 });
    expect(await chooseShape(options)).toEqual({ workers: 2, threads: 1 });
    expect(measured).toEqual(["1x1", "1x2", "2x1"]);
    expect(await readFile(path.join(cacheDir, "tuning.json"), "utf8")).toContain('"workers": 2');
  });
});
