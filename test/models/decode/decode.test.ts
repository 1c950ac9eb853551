import { describe, expect, it } from "vitest";
import { createDecoder, type Outputs } from "../../../models/decode/index.ts";
import { type Manifest, parseManifest } from "../../../models/manifest.ts";
import { tinyBytes, tinyManifest } from "../tiny-model.ts";

function manifestOf(more: Readonly<Record<string, unknown>>): Manifest {
  return parseManifest(JSON.stringify(tinyManifest(tinyBytes(), more)), "tiny.yaml");
}

const SQUARE = { width: 64, height: 64 };
const INPUT = { ...tinyManifest(tinyBytes()).input, width: 32, height: 32, resize: "stretch" };
const BINS = 4;

const nanodet = (input: object = INPUT) =>
  manifestOf({
    input,
    decoder: { kind: "nanodet", strides: [16], bins: BINS, scores: ["s"], distances: ["d"] },
  });

const yolox = (input: object = INPUT) =>
  manifestOf({ input, decoder: { kind: "yolox", strides: [16], output: "o" } });

/** Four cells (2×2 at stride 16): scores per class, and every side certain of `bin`. */
function nanodetOutputs(scores: readonly number[], bin = 1): Outputs {
  const distances = Float32Array.from({ length: 4 * 4 * BINS }, (_, at) =>
    at % BINS === bin ? 100 : 0,
  );
  return {
    s: { data: Float32Array.from(scores), dims: [1, 4, 2] },
    d: { data: distances, dims: [1, 4, 4 * BINS] },
  };
}

function yoloxOutputs(...cells: readonly number[][]): Outputs {
  const empty = [0, 0, 0, 0, 0, 0, 0];
  const all = [...cells, empty, empty, empty, empty].slice(0, 4).flat();
  return { o: { data: Float32Array.from(all), dims: [1, 4, 7] } };
}

const rounded = (value: number): number => Number(value.toFixed(5));

describe("NanoDet's decoder", () => {
  it("measures from the cell's centre, in strides", () => {
    // Cell 3 has its centre at (24, 24) of 32; one stride to every side leaves the picture.
    const [found, ...more] = createDecoder(nanodet())(
      nanodetOutputs([0, 0, 0, 0, 0, 0, 0.2, 0.75]),
      SQUARE,
    );
    expect(more).toEqual([]);
    expect(found).toEqual({
      label: "plate",
      score: 0.75,
      box: { left: 0.25, top: 0.25, width: 0.75, height: 0.75 },
    });
  });

  it("takes the expected bin of an undecided distribution", () => {
    const outputs = nanodetOutputs([0.9, 0, 0, 0, 0, 0, 0, 0]);
    outputs["d"]?.data.fill(0); // Every bin as likely: 1.5 strides, 24 px.
    const [found] = createDecoder(nanodet())(outputs, SQUARE);
    expect(found?.box).toEqual({ left: 0, top: 0, width: 1, height: 1 });
  });

  it("looks for the wanted classes only", () => {
    const outputs = nanodetOutputs([0.9, 0.3, 0, 0, 0, 0, 0, 0]);
    const found = createDecoder(nanodet())(outputs, SQUARE, { classes: ["plate"] });
    expect(found.map(({ label, score }) => [label, rounded(score)])).toEqual([["plate", 0.3]]);
  });

  it("keeps to the asked score, or to the manifest's", () => {
    const outputs = nanodetOutputs([0.15, 0, 0.05, 0, 0, 0, 0, 0]);
    const decode = createDecoder(nanodet());
    expect(decode(outputs, SQUARE)).toHaveLength(1);
    expect(decode(outputs, SQUARE, { minScore: 0.2 })).toHaveLength(0);
  });

  it.each(["s", "d"])("notices values that are no numbers in output %s", (name) => {
    const outputs = nanodetOutputs([0.9, 0, 0, 0, 0, 0, 0, 0]);
    outputs[name]?.data.fill(Number.NaN);
    expect(() => createDecoder(nanodet())(outputs, SQUARE)).toThrow(
      expect.objectContaining({ code: "INFERENCE_FAILED" }),
    );
  });

  it("recovers on the next frame", () => {
    const decode = createDecoder(nanodet());
    expect(() => decode(nanodetOutputs(new Array<number>(8).fill(Number.NaN)), SQUARE)).toThrow();
    expect(decode(nanodetOutputs([0.9, 0, 0, 0, 0, 0, 0, 0]), SQUARE)).toHaveLength(1);
  });
});

describe("YOLOX's decoder", () => {
  it("places centre and size by the cell", () => {
    // Cell 1 (column 1, row 0): centre (1 + 0.25, 0 + 0.5) × 16 = (20, 8), size exp(0) × 16.
    const cells = [
      [0, 0, 0, 0, 0, 0, 0],
      [0.25, 0.5, 0, 0, 0.8, 0.5, 0.1],
    ];
    const [found, ...more] = createDecoder(yolox())(yoloxOutputs(...cells), SQUARE);
    expect(more).toEqual([]);
    expect(found?.label).toBe("cup");
    expect(rounded(found?.score ?? 0)).toBe(0.4);
    expect(found?.box).toEqual({ left: 0.375, top: 0, width: 0.5, height: 0.5 });
  });

  it("takes the padding of a letterbox out again", () => {
    // 64×32 fits 32×16: the lower half is padding.
    const cell = [0.5, 0.5, Math.log(0.5), Math.log(0.5), 1, 1, 0];
    const manifest = yolox({ ...INPUT, resize: "letterbox" });
    const [found] = createDecoder(manifest)(yoloxOutputs(cell), { width: 64, height: 32 });
    expect(found?.box).toEqual({ left: 0.125, top: 0.25, width: 0.25, height: 0.5 });
  });

  it("drops boxes that lie in the padding", () => {
    const below = [0, 0, 0, 0, 0, 0, 0];
    const cell = [0.5, 0.5, Math.log(0.5), Math.log(0.5), 1, 1, 0];
    const manifest = yolox({ ...INPUT, resize: "letterbox" });
    const outputs = yoloxOutputs(below, below, cell);
    expect(createDecoder(manifest)(outputs, { width: 64, height: 32 })).toEqual([]);
  });

  it.each([0, 4, 5])("notices a value that is no number at %i", (at) => {
    const cell = [0.5, 0.5, 0, 0, 0.9, 0.9, 0.1];
    cell[at] = Number.NaN;
    expect(() => createDecoder(yolox())(yoloxOutputs(cell), SQUARE)).toThrow(
      expect.objectContaining({ code: "INFERENCE_FAILED" }),
    );
  });
});

describe("suppression", () => {
  const near = (score: number, x: number, cup = 1, plate = 0): number[] => [
    x,
    0.5,
    0,
    0,
    score,
    cup,
    plate,
  ];

  it("keeps the better of two boxes of one class", () => {
    const found = createDecoder(yolox())(yoloxOutputs(near(0.6, 0.5), near(0.9, -0.4)), SQUARE);
    expect(found.map(({ score }) => rounded(score))).toEqual([0.9]);
  });

  it("keeps boxes of different classes", () => {
    const cells = [near(0.6, 0.5), near(0.9, -0.4, 0, 1)];
    const found = createDecoder(yolox())(yoloxOutputs(...cells), SQUARE);
    expect(found.map(({ label }) => label)).toEqual(["plate", "cup"]);
  });

  it("keeps boxes that overlap little", () => {
    const found = createDecoder(yolox())(yoloxOutputs(near(0.6, 0.5), near(0.9, 0.3)), SQUARE);
    expect(found).toHaveLength(2);
  });
});

describe("a decoder", () => {
  it("places what it finds in a region in the whole picture", () => {
    const cell = [0.5, 0.5, 0, 0, 1, 1, 0];
    const view = { region: [32, 16, 64, 48], size: [32, 32], cost: 1 } as const;
    const [found] = createDecoder(yolox())(yoloxOutputs(cell), SQUARE, { view });
    expect(found?.box).toEqual({ left: 0.25, top: 0.5, width: 0.25, height: 0.25 });
  });

  it("follows the size of the network's input from look to look", () => {
    const decode = createDecoder(yolox({ ...INPUT, sizeStep: 16 }));
    const small = { region: [0, 0, 64, 64], size: [16, 16], cost: 0.25 } as const;
    const one = { o: { data: Float32Array.of(0, 0, 0, 0, 1, 1, 0), dims: [1, 1, 7] } };
    expect(decode(one, SQUARE, { view: small })).toHaveLength(1);
    expect(decode(yoloxOutputs([0, 0, 0, 0, 1, 1, 0]), SQUARE)).toHaveLength(1);
  });

  it("refuses a class the model does not know", () => {
    const decode = createDecoder(yolox());
    expect(() => decode(yoloxOutputs(), SQUARE, { classes: ["fork"] })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });

  it("refuses outputs of another size, or of another name", () => {
    const decode = createDecoder(yolox());
    const short = { o: { data: new Float32Array(5), dims: [5] } };
    for (const outputs of [short, {}]) {
      expect(() => decode(outputs, SQUARE)).toThrow(
        expect.objectContaining({ code: "INFERENCE_FAILED" }),
      );
    }
  });
});

describe("a head that decodes in the graph", () => {
  const NOTHING = [0, 0, 0, 0, 0, 0];
  const rows = (input: object = INPUT) =>
    manifestOf({ input, decoder: { kind: "rows", output: "o", rows: 2 } });
  const outputs = (...values: readonly number[]): Outputs => ({
    o: { data: Float32Array.from(values), dims: [1, 2, 6] },
  });

  it("gives corners in pixels of the input, a score and a class", () => {
    const found = createDecoder(rows())(
      outputs(8, 0, 16, 32, 0.75, 1, 0, 0, 8, 8, 0.001, 0),
      SQUARE,
    );
    expect(found).toEqual([
      { label: "plate", score: 0.75, box: { left: 0.25, top: 0, width: 0.25, height: 1 } },
    ]);
  });

  it("leaves out classes nobody asked for, and refuses what is no number", () => {
    const decode = createDecoder(rows());
    const [first = ""] = rows().labels;
    expect(
      decode(outputs(8, 0, 16, 32, 0.75, 1, ...NOTHING), SQUARE, { classes: [first] }),
    ).toEqual([]);
    expect(() => decode(outputs(NaN, 0, 16, 32, 0.75, 1, ...NOTHING), SQUARE)).toThrow(
      /no numbers/,
    );
  });
});
