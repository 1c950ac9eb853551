import { describe, expect, it } from "vitest";
import { withPreprocessing } from "../../models/preprocess.ts";
import { parseManifest } from "../../models/manifest.ts";
import { fitOf } from "../../models/decode/fit.ts";
import { float32, type Graph, numbersOf, type Tensor } from "../../models/onnx/index.ts";
import { runGraph } from "../contract/models/runtime.ts";
import { tinyGraph, tinyManifest, TINY_SIZE, tinyBytes } from "./tiny-model.ts";

type Input = ReturnType<typeof inputOf>;

function inputOf(more: Readonly<Record<string, unknown>> = {}) {
  const base = tinyManifest(tinyBytes());
  const manifest = { ...base, input: { ...base.input, ...more } };
  return parseManifest(JSON.stringify(manifest), "tiny.yaml").input;
}

const frameOf = (width: number, height: number): Tensor => ({
  type: "uint8",
  dims: [1, height, width, 3],
  data: Uint8Array.from({ length: width * height * 3 }, (_, index) => (index * 7919) % 251),
});

/** The same preparation written out plainly: half-pixel bilinear, padding, colours, mean and std. */
function prepared(frame: Tensor, width: number, height: number, input: Input): Tensor {
  const fit = fitOf(input, { width, height });
  const pixel = (x: number, y: number, channel: number): number =>
    Number(frame.data[(y * width + x) * 3 + channel]);
  const along = (at: number, from: number, to: number): [number, number, number] => {
    const source = Math.max(((at + 0.5) * from) / to - 0.5, 0);
    const low = Math.min(Math.floor(source), from - 1);
    return [low, Math.min(low + 1, from - 1), source - low];
  };
  const values: number[] = [];
  for (let channel = 0; channel < 3; channel += 1) {
    const from = input.colour === "bgr" ? 2 - channel : channel;
    for (let y = 0; y < TINY_SIZE; y += 1) {
      for (let x = 0; x < TINY_SIZE; x += 1) {
        let byte = input.padding;
        if (x < fit.width && y < fit.height) {
          const [x0, x1, dx] = along(x, width, fit.width);
          const [y0, y1, dy] = along(y, height, fit.height);
          const upper = pixel(x0, y0, from) * (1 - dx) + pixel(x1, y0, from) * dx;
          const lower = pixel(x0, y1, from) * (1 - dx) + pixel(x1, y1, from) * dx;
          byte = upper * (1 - dy) + lower * dy;
        }
        values.push((byte - (input.mean[channel] ?? 0)) / (input.std[channel] ?? 1));
      }
    }
  }
  return float32([1, 3, TINY_SIZE, TINY_SIZE], values);
}

/** Outputs before the pooling, so that a wrong border cannot hide in a mean. */
function convolution(): Graph {
  const graph = tinyGraph();
  return { ...graph, nodes: graph.nodes.slice(0, 1), outputs: [{ name: "features" }] };
}

const difference = (a: Tensor | undefined, b: Tensor | undefined): number =>
  Math.max(...numbersOf(a ?? float32([0], [])).map((it, at) => Math.abs(it - Number(b?.data[at]))));

describe("preprocessing in the graph", () => {
  it.each([
    ["letterbox, BGR, mean and std", {}, 13, 7],
    ["letterbox of a high picture", {}, 5, 21],
    ["stretch", { resize: "stretch" }, 13, 7],
    ["RGB without mean", { colour: "rgb", mean: [0, 0, 0], std: [1, 1, 1] }, 13, 7],
    ["a frame of the model's own size", {}, TINY_SIZE, TINY_SIZE],
  ])("equals the plain way: %s", async (_, more, width, height) => {
    const input = inputOf(more);
    const frame = frameOf(width, height);
    const graph = convolution();
    const expected = await runGraph(graph, { images: prepared(frame, width, height, input) });
    const got = await runGraph(withPreprocessing(graph, input, "tiny"), { frame });
    expect(difference(expected["features"], got["features"])).toBeLessThan(1e-3);
  });

  it("works for a model that does not begin with a convolution", async () => {
    const graph: Graph = {
      ...convolution(),
      constants: new Map(),
      nodes: [
        {
          op: "Neg",
          domain: "",
          name: "n",
          inputs: ["images"],
          outputs: ["features"],
          attributes: {},
        },
      ],
    };
    const input = inputOf();
    const frame = frameOf(13, 7);
    const expected = await runGraph(graph, { images: prepared(frame, 13, 7, input) });
    const got = await runGraph(withPreprocessing(graph, input, "tiny"), { frame });
    expect(difference(expected["features"], got["features"])).toBeLessThan(1e-3);
  });

  it("folds colours and deviation into the convolution, and leaves the graph it was given alone", () => {
    const graph = tinyGraph();
    const ops = withPreprocessing(graph, inputOf(), "tiny").nodes.map(({ op }) => op);
    expect(ops.filter((op) => op === "Gather")).toEqual([]);
    expect(graph).toEqual(tinyGraph());
  });
});
