import { describe, expect, it } from "vitest";
import { parseManifest } from "../../models/manifest.ts";
import { viewOf } from "../../models/view.ts";
import { tinyBytes, tinyManifest } from "./tiny-model.ts";

function manifestOf(more: Readonly<Record<string, unknown>>) {
  const base = tinyManifest(tinyBytes());
  const input = { ...base.input, width: 416, height: 416, ...more };
  return parseManifest(JSON.stringify({ ...base, input }), "tiny.yaml");
}

const ANY = manifestOf({ sizeStep: 32 });
const FIXED = manifestOf({});
const VGA = { width: 768, height: 576 };
const HD = { width: 1920, height: 1080 };

describe("a look at the whole picture", () => {
  it.each([
    ["4:3", VGA, [320, 416]],
    ["16:9", HD, [256, 416]],
    ["upright", { width: 576, height: 768 }, [416, 320]],
    ["square", { width: 500, height: 500 }, [416, 416]],
  ])("needs no more of the input than a picture of %s covers", (_, picture, size) => {
    const region = [0, 0, picture.height, picture.width];
    expect(viewOf(ANY, picture)).toEqual({ region, size, cost: 1 });
  });

  it("is the manifest's size for a model of one size", () => {
    expect(viewOf(FIXED, HD).size).toEqual([416, 416]);
  });
});

describe("a look at a region", () => {
  const box = { left: 0.5, top: 0.3, width: 0.2, height: 0.3 };

  it.each([
    ["in the middle", box],
    ["in a corner", { left: 0.93, top: 0.9, width: 0.07, height: 0.1 }],
    ["of nothing", { left: 1, top: 1, width: 0, height: 0 }],
    ["all over", { left: 0, top: 0, width: 1, height: 0.4 }],
  ])("holds a region %s, in even pixels inside the picture", (_, region) => {
    for (const picture of [VGA, HD, { width: 320, height: 240 }]) {
      for (const manifest of [ANY, FIXED]) {
        const [top, left, bottom, right] = viewOf(manifest, picture, region).region;
        expect([top, left, bottom, right].map((it) => it % 2)).toEqual([0, 0, 0, 0]);
        expect(top).toBeLessThanOrEqual(Math.max(region.top * picture.height, 0));
        expect(left).toBeLessThanOrEqual(Math.max(region.left * picture.width, 0));
        const lastRow = (region.top + region.height) * picture.height;
        expect(bottom).toBeGreaterThanOrEqual(Math.floor(lastRow));
        expect(bottom).toBeLessThanOrEqual(picture.height);
        expect(right).toBeLessThanOrEqual(picture.width);
        expect(Math.min(bottom - top, right - left)).toBeGreaterThan(0);
      }
    }
  });

  it("keeps the scale of the whole picture and costs as many pixels as it has", () => {
    const { region, size, cost } = viewOf(ANY, HD, box);
    const scale = 416 / 1920;
    expect(size).toEqual([128, 128]);
    expect(Math.abs(region[2] - region[0] - 128 / scale)).toBeLessThanOrEqual(2);
    expect(cost).toBeCloseTo((128 * 128) / (256 * 416));
  });

  it("shows nothing larger than it is", () => {
    const { region, size } = viewOf(ANY, { width: 320, height: 240 }, box);
    expect(region[2] - region[0]).toBeGreaterThanOrEqual(Math.min(size[0], 240));
  });

  it("is a look at everything where the region is nearly everything", () => {
    const almost = { left: 0, top: 0, width: 0.98, height: 0.97 };
    expect(viewOf(ANY, VGA, almost)).toEqual(viewOf(ANY, VGA));
  });
});
