import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { optimise, readTfGraph, translate } from "../../../models/convert/index.ts";
import { loadManifest } from "../../../models/manifest.ts";
import {
  float32,
  type Graph,
  int32,
  numbersOf,
  sizeOf,
  type Tensor,
  writeOnnx,
} from "../../../models/onnx/index.ts";
import { withPreprocessing } from "../../../models/preprocess.ts";
import { readSource } from "../../../models/store.ts";
import { largestDifference, runOracle, startOracle, type TfModelJson } from "./oracle.ts";
import { randomNumbers, runGraph } from "./runtime.ts";

/**
 * NanoDet as `npm run models` leaves it, and whatever other models of the same package somebody
 * unpacks beside it to see how far the converter reaches.
 */
const NANODET = ".cache/models/nanodet-3.0.4/source/models/nanodet.json";
const OTHERS = ".cache/models/others";
const TOLERANCE = 1e-4;
/** Models with control flow, which the converter names and refuses. */
const WITH_LOOPS = ["handtrack.json", "rvm.json"];

/** Values stay exact multiples of 2⁻²⁴ over [−1, 1), as random and as large as real inputs are. */
function randomInput(graph: Graph, seed: number): Record<string, Tensor> {
  return Object.fromEntries(
    graph.inputs.map(({ name, tensor }) => {
      const dims = (tensor?.dims ?? []).map((dim) => (typeof dim === "number" ? dim : 1));
      const isWhole = tensor?.type === "int32";
      const values = randomNumbers(sizeOf(dims), seed, isWhole ? 0 : -1, isWhole ? 256 : 1);
      return [name, isWhole ? int32(dims, values.map(Math.floor)) : float32(dims, values)];
    }),
  );
}

/** A smooth, coloured picture with edges in it, encoded and decoded as a camera's would be. */
async function pictureInput(width: number, height: number): Promise<Tensor> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}">
    <linearGradient id="g" x2="1" y2="1"><stop stop-color="#7ab"/><stop offset="1" stop-color="#453"/>
    </linearGradient><rect width="100%" height="100%" fill="url(#g)"/>
    <circle cx="120" cy="90" r="30" fill="#e0b090"/><rect x="95" y="120" width="50" height="140"
    fill="#205080"/><rect x="230" y="180" width="150" height="70" rx="20" fill="#a02020"/></svg>`;
  const jpeg = await sharp(Buffer.from(svg)).jpeg({ quality: 80 }).toBuffer();
  const bytes = await sharp(jpeg).removeAlpha().raw().toBuffer();
  const mean = [103.53, 116.28, 123.675];
  const std = [57.375, 57.12, 58.395];
  const area = width * height;
  const values = Array.from({ length: 3 * area }, (_, index) => {
    const channel = Math.floor(index / area);
    const byte = bytes[(index % area) * 3 + (2 - channel)] ?? 0;
    return (byte - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  });
  return float32([1, 3, height, width], values);
}

async function load(path: string) {
  const json = JSON.parse(await readFile(path, "utf8")) as TfModelJson;
  const files = json.weightsManifest.flatMap(({ paths }) => paths);
  const read = (name: string): Promise<Buffer> => readFile(join(path, "..", name));
  const weights = Buffer.concat(await Promise.all(files.map(read)));
  const tf = await readTfGraph(json, read, path);
  return { json, weights, tf, plain: translate(tf, path) };
}

async function expectSame(path: string, inputOf: (graph: Graph) => Record<string, Tensor>) {
  const { json, weights, tf, plain } = await load(path);
  const inputs = inputOf(plain);
  const expected = await runOracle({ json, weights }, inputs, tf.outputs);
  const got = await runGraph(optimise(plain), inputs);
  for (const [index, output] of tf.outputs.entries()) {
    const [ours, theirs] = [got[output.replace(/:0$/, "")], expected[index]];
    // Of the largest value where that is above one: sums of large numbers round more coarsely.
    const scale = Math.max(
      1,
      ...numbersOf(theirs ?? float32([0], []))
        .map(Math.abs)
        .slice(0, 1e5),
    );
    const difference = ours && theirs && largestDifference(ours, theirs) / scale;
    expect(difference, output).toBeLessThan(TOLERANCE);
  }
}

describe("whole models give what TensorFlow.js gives", () => {
  beforeAll(startOracle);

  describe.skipIf(!existsSync(NANODET))("NanoDet (run `npm run models` if this is skipped)", () => {
    it("on random input", async () => {
      await expectSame(NANODET, (graph) => randomInput(graph, 7));
    });

    it("on a picture", async () => {
      const input = await pictureInput(416, 416);
      await expectSame(NANODET, () => ({ input_1: input }));
    });

    it("is still converted to the bytes its manifest states", async () => {
      const manifest = await loadManifest("nanodet");
      const source = await readSource(manifest, { cacheDir: ".cache/models" });
      const bytes = writeOnnx(withPreprocessing(source, manifest.input, manifest.id));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      expect(sha256).toBe(manifest.onnxSha256);
    });

    it("keeps no transpose but the six at its outputs", async () => {
      const { plain } = await load(NANODET);
      const count = ({ nodes }: Graph): number =>
        nodes.filter((it) => it.op === "Transpose").length;
      expect(count(plain)).toBeGreaterThan(100);
      expect(count(optimise(plain))).toBe(6);
    });
  });

  const others = existsSync(OTHERS) ? readdirSync(OTHERS).filter((it) => it.endsWith(".json")) : [];
  describe.skipIf(others.length === 0)(`others (skipped unless unpacked into ${OTHERS})`, () => {
    it.each(others.filter((file) => !WITH_LOOPS.includes(file)))("%s", async (file) => {
      await expectSame(join(OTHERS, file), (graph) => randomInput(graph, 11));
    });

    it.each(others.filter((file) => WITH_LOOPS.includes(file)))("refuses %s", async (file) => {
      await expect(load(join(OTHERS, file))).rejects.toMatchObject({
        code: "OPERATOR_UNSUPPORTED",
        message: expect.stringMatching(/Operator \w+ of node \S+/) as string,
      });
    });
  });
});
