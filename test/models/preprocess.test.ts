import { describe, expect, it } from "vitest";
import { withPreprocessing } from "../../models/preprocess.ts";
import { parseManifest } from "../../models/manifest.ts";
import { fitOf } from "../../models/decode/fit.ts";
import { float32, type Graph, int64List, numbersOf, type Tensor } from "../../models/onnx/index.ts";
import { runGraph } from "../contract/models/runtime.ts";
import { tinyGraph, tinyManifest, TINY_SIZE, tinyBytes } from "./tiny-model.ts";

type Input = ReturnType<typeof inputOf>;

function inputOf(more: Readonly<Record<string, unknown>> = {}) {
  const base = tinyManifest(tinyBytes());
  const manifest = { ...base, input: { ...base.input, ...more } };
  return parseManifest(JSON.stringify(manifest), "tiny.yaml").input;
}

/** Y, U and V of a picture, as a camera's frame carries them. */
const frameOf = (width: number, height: number): Tensor => ({
  type: "uint8",
  dims: [1, (height * 3) / 2, width],
  data: Uint8Array.from({ length: (width * height * 3) / 2 }, (_, index) => (index * 7919) % 251),
});

/** Half-pixel bilinear: the sample of a plane `from` long that lies at `at` of `to`. */
function along(at: number, from: number, to: number): [number, number, number] {
  const source = Math.max(((at + 0.5) * from) / to - 0.5, 0);
  const low = Math.min(Math.floor(source), from - 1);
  return [low, Math.min(low + 1, from - 1), source - low];
}

/** The same preparation written out plainly: cut, bilinear, padding, colours, mean and std. */
function prepared(frame: Tensor, region: readonly number[], input: Input, side = TINY_SIZE) {
  const [, rows = 0, width = 0] = frame.dims;
  const height = (rows * 2) / 3;
  const [top = 0, left = 0, bottom = 0, right = 0] = region;
  const view = { region: [top, left, bottom, right], size: [side, side], cost: 1 } as const;
  const fit = fitOf(input, view);
  const sample = (plane: number, x: number, y: number): number => {
    const half = plane === 0 ? 1 : 2;
    const start = plane === 0 ? 0 : width * height + ((plane - 1) * width * height) / 4;
    const [x0, x1, dx] = along(x, (right - left) / half, fit.width);
    const [y0, y1, dy] = along(y, (bottom - top) / half, fit.height);
    const byte = (column: number, row: number): number =>
      Number(frame.data[start + (row + top / half) * (width / half) + column + left / half]);
    const upper = byte(x0, y0) * (1 - dx) + byte(x1, y0) * dx;
    const lower = byte(x0, y1) * (1 - dx) + byte(x1, y1) * dx;
    return upper * (1 - dy) + lower * dy;
  };
  const rgb = (x: number, y: number): number[] => {
    if (x >= fit.width || y >= fit.height) {
      return [input.padding, input.padding, input.padding];
    }
    const [luma, u, v] = [sample(0, x, y) - 16, sample(1, x, y) - 128, sample(2, x, y) - 128];
    const grey = 1.164384 * luma;
    return [grey + 1.596027 * v, grey - 0.391762 * u - 0.812968 * v, grey + 2.017232 * u];
  };
  const values = Array.from({ length: 3 * side * side }, (_, index) => {
    const channel = Math.floor(index / (side * side));
    const from = input.colour === "bgr" ? 2 - channel : channel;
    const pixel = rgb(index % side, Math.floor(index / side) % side);
    return ((pixel[from] ?? 0) - (input.mean[channel] ?? 0)) / (input.std[channel] ?? 1);
  });
  return float32([1, 3, side, side], values);
}

/** Outputs before the pooling, so that a wrong border cannot hide in a mean. */
function convolution(): Graph {
  const graph = tinyGraph();
  return { ...graph, nodes: graph.nodes.slice(0, 1), outputs: [{ name: "features" }] };
}

const difference = (a: Tensor | undefined, b: Tensor | undefined): number =>
  Math.max(...numbersOf(a ?? float32([0], [])).map((it, at) => Math.abs(it - Number(b?.data[at]))));

async function expectEqual(
  graph: Graph,
  input: Input,
  frame: Tensor,
  region: readonly number[],
): Promise<void> {
  const expected = await runGraph(graph, { images: prepared(frame, region, input) });
  const feeds = { frame, region: int64List(region) };
  const got = await runGraph(withPreprocessing(graph, input, "tiny"), feeds);
  expect(difference(expected["features"], got["features"])).toBeLessThan(2e-3);
}

describe("preprocessing in the graph", () => {
  it.each([
    ["letterbox, BGR, mean and std", {}, 14, 8],
    ["letterbox of a high picture", {}, 6, 22],
    ["stretch", { resize: "stretch" }, 14, 8],
    ["RGB without mean", { colour: "rgb", mean: [0, 0, 0], std: [1, 1, 1] }, 14, 8],
    ["a frame of the model's own size", {}, TINY_SIZE, TINY_SIZE],
  ])("equals the plain way: %s", async (_, more, width, height) => {
    await expectEqual(convolution(), inputOf(more), frameOf(width, height), [0, 0, height, width]);
  });

  it.each([
    ["in the middle", [4, 6, 12, 26]],
    ["at the end", [10, 20, 16, 32]],
    ["of two pixels", [6, 4, 8, 6]],
  ])("cuts out a region %s", async (_, region) => {
    await expectEqual(convolution(), inputOf(), frameOf(32, 16), region);
  });

  it("works for a model that does not begin with a convolution", async () => {
    const negation = {
      op: "Neg",
      domain: "",
      name: "n",
      inputs: ["images"],
      outputs: ["features"],
      attributes: {},
    };
    const graph: Graph = { ...convolution(), constants: new Map(), nodes: [negation] };
    await expectEqual(graph, inputOf(), frameOf(14, 8), [0, 0, 8, 14]);
  });

  it("takes the size of the network's input where the model allows any", async () => {
    const input = inputOf({ sizeStep: 4 });
    const frame = frameOf(32, 16);
    const region = [0, 8, 16, 24];
    const images = prepared(frame, region, input, 12);
    const graph = convolution();
    const expected = await runGraph(anyInput(graph), { images });
    const feeds = { frame, region: int64List(region), size: int64List([12, 12]) };
    const got = await runGraph(withPreprocessing(graph, input, "tiny"), feeds);
    expect(got["features"]?.dims).toEqual([1, 7, 12, 12]);
    expect(difference(expected["features"], got["features"])).toBeLessThan(2e-3);
  });

  it("folds colours and deviation into the convolution, and leaves the graph it was given alone", () => {
    const graph = tinyGraph();
    const ops = withPreprocessing(graph, inputOf(), "tiny").nodes.map(({ op }) => op);
    expect(ops.filter((op) => op === "Conv")).toHaveLength(1);
    expect(graph).toEqual(tinyGraph());
  });
});

function anyInput(graph: Graph): Graph {
  const tensor = { type: "float32", dims: [1, 3, "height", "width"] } as const;
  return { ...graph, inputs: [{ name: "images", tensor }] };
}
