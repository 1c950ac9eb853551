import { describe, expect, it } from "vitest";
import { brainConfigSchema } from "../../../config/index.ts";
import type { TownMap } from "../../../protocol/index.ts";
import { getJson, startBench } from "./brain-bench.ts";

const URL_ = "https://tiles.example.org/{z}/{x}/{y}.png";
const policyOf = async (url: string): Promise<string> =>
  (await fetch(`${url}/healthz`)).headers.get("content-security-policy") ?? "";

describe("the map's background", () => {
  it("is none by default, and no stranger's pictures are shown", async () => {
    await using bench = await startBench({ endpoints: [] });
    expect((await getJson<TownMap>(bench, "/v1/town/map")).tiles).toBeUndefined();
    expect(await policyOf(bench.url)).toMatch(/img-src 'self' data: blob:(;|$)/);
  });

  it("is told to the page, and its origin alone is opened for pictures", async () => {
    const tiles = { url: URL_, attribution: "© the map's makers" };
    await using bench = await startBench({ endpoints: [], config: { console: { tiles } } });
    expect((await getJson<TownMap>(bench, "/v1/town/map")).tiles).toEqual({
      ...{ ...tiles, maxZoom: 18 },
    });
    const policy = await policyOf(bench.url);
    expect(policy).toMatch(/img-src 'self' data: blob: https:\/\/tiles\.example\.org(;|$)/);
    expect(policy).toMatch(/connect-src 'self'(;|$)/);
  });

  it("needs an address with places for zoom and tile", () => {
    for (const url of ["https://tiles.example.org/", "ftp://x/{z}/{x}/{y}", "{z}{x}{y}"]) {
      const config = { directory: "d.yaml", console: { tiles: { url } } };
      expect(brainConfigSchema.safeParse(config).success).toBe(false);
    }
  });
});
