/**
 * Prepared models on disk: `<cacheDir>/<id>-<version>/` holds `source/`, `model.onnx` and
 * `meta.json`. Whatever is there has been verified, or is made again.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Clock, PermanentError, systemClock } from "../protocol/index.ts";
import { CONVERTER_VERSION, convert } from "./convert/index.ts";
import { sha256Of } from "./digest.ts";
import { fetchSource, type Progress } from "./fetch.ts";
import { loadManifest, type Manifest } from "./manifest.ts";
import { type Graph, readOnnx, writeOnnx } from "./onnx/index.ts";
import { withPreprocessing } from "./preprocess.ts";
import { tryOut } from "./trial.ts";

export interface Model {
  readonly manifest: Manifest;
  /** The prepared model: bytes of a frame in, the decoder's outputs out. */
  readonly path: string;
  readonly sha256: string;
}

export interface ResolveOptions {
  /** Folder of all prepared models, `.cache/models` by convention. */
  readonly cacheDir: string;
  readonly onProgress?: (progress: Progress) => void;
}

export interface EnsureOptions extends ResolveOptions {
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

const metaSchema = z.object({
  /** Of the manifest and the converter: another recipe makes another model. */
  recipe: z.string(),
  sha256: z.string(),
});

/**
 * A model ready for use, from the cache or from its own folder; never from the network.
 * @param idOrPath id of a model of ours, or path of a user's manifest
 * @throws PermanentError MODEL_MISSING, MODEL_INVALID, MODEL_DIGEST_WRONG, OPERATOR_UNSUPPORTED
 */
export async function resolveModel(idOrPath: string, options: ResolveOptions): Promise<Model> {
  const manifest = await loadManifest(idOrPath);
  const ready = await prepared(manifest, options);
  if (ready !== undefined) {
    return ready;
  }
  if (await isMissingSource(manifest, options)) {
    throw missing(manifest, options);
  }
  return prepare(manifest, options);
}

/**
 * The same, and fetches what is missing.
 * @throws TransientError SETUP_FAILED besides those of `resolveModel`
 */
export async function ensureModel(idOrPath: string, options: EnsureOptions): Promise<Model> {
  const manifest = await loadManifest(idOrPath);
  const ready = await prepared(manifest, options);
  if (ready !== undefined) {
    options.onProgress?.({ step: "ready" });
    return ready;
  }
  if (await isMissingSource(manifest, options)) {
    if (manifest.source.kind === "file") {
      throw missing(manifest, options);
    }
    await fetchSource(manifest.source, sourceDir(manifest, options), {
      clock: options.clock ?? systemClock,
      onProgress: options.onProgress ?? (() => undefined),
      signal: options.signal,
    });
  }
  options.signal?.throwIfAborted();
  return prepare(manifest, options);
}

/** The ONNX graph of the source's files as they are, after their digests have been checked. */
export async function readSource(manifest: Manifest, options: ResolveOptions): Promise<Graph> {
  const dir = sourceDir(manifest, options);
  for (const { path, sha256 } of manifest.source.files) {
    const got = await sha256Of(join(dir, path));
    if (got !== sha256) {
      throw digestWrong(join(dir, path), sha256, got);
    }
  }
  const main = manifest.source.files[0]?.path ?? "";
  const bytes = await readFile(join(dir, main));
  if (!main.endsWith(".json")) {
    return readOnnx(bytes, join(dir, main));
  }
  const folder = join(dir, main, "..");
  return convert(jsonOf(bytes, main), (path) => readFile(join(folder, path)), manifest.id);
}

function sourceDir(manifest: Manifest, options: ResolveOptions): string {
  return manifest.source.kind === "file"
    ? manifest.folder
    : join(dirOf(manifest, options), "source");
}

function dirOf(manifest: Manifest, { cacheDir }: ResolveOptions): string {
  return join(cacheDir, `${manifest.id}-${manifest.version}`);
}

function recipeOf(manifest: Manifest): string {
  return `${manifest.sha256}/${String(CONVERTER_VERSION)}`;
}

/** What the cache holds, unless it is missing, of another recipe, or damaged. */
async function prepared(manifest: Manifest, options: ResolveOptions): Promise<Model | undefined> {
  const dir = dirOf(manifest, options);
  const path = join(dir, "model.onnx");
  try {
    const meta = metaSchema.parse(JSON.parse(await readFile(join(dir, "meta.json"), "utf8")));
    const sha256 = await sha256Of(path);
    const isSound = meta.recipe === recipeOf(manifest) && meta.sha256 === sha256;
    const isRight = manifest.onnxSha256 === undefined || manifest.onnxSha256 === sha256;
    return isSound && isRight ? { manifest, path, sha256 } : undefined;
  } catch {
    return undefined; // Unreadable is as good as absent: the model is made again.
  }
}

async function isMissingSource(manifest: Manifest, options: ResolveOptions): Promise<boolean> {
  const dir = sourceDir(manifest, options);
  const checks = manifest.source.files.map(async ({ path, sha256 }) => {
    const got = await sha256Of(join(dir, path)).catch(() => undefined);
    // A damaged download is fetched again; a user's own file is not ours to replace.
    return got === undefined || (manifest.source.kind === "npm" && got !== sha256);
  });
  return (await Promise.all(checks)).includes(true);
}

async function prepare(manifest: Manifest, options: ResolveOptions): Promise<Model> {
  options.onProgress?.({ step: "convert" });
  const graph = await readSource(manifest, options);
  const dir = dirOf(manifest, options);
  const bytes = writeOnnx(withPreprocessing(graph, manifest.input, manifest.id));
  await mkdir(dir, { recursive: true });
  const path = join(dir, "model.onnx");
  const sha256 = await writeWhole(path, bytes);
  if (manifest.onnxSha256 !== undefined && manifest.onnxSha256 !== sha256) {
    await rm(path, { force: true });
    throw digestWrong(`${manifest.id}: onnxSha256`, manifest.onnxSha256, sha256);
  }
  await tryOut(path, manifest);
  const meta = { recipe: recipeOf(manifest), sha256, converterVersion: CONVERTER_VERSION };
  await writeWhole(join(dir, "meta.json"), Buffer.from(`${JSON.stringify(meta, null, 2)}\n`));
  options.onProgress?.({ step: "ready" });
  return { manifest, path, sha256 };
}

/** Writes beside the target, forces it to disk and renames, so that no half file is ever seen. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<string> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.part`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    const sha256 = await sha256Of(temporary);
    await rename(temporary, path);
    return sha256;
  } finally {
    await rm(temporary, { force: true });
  }
}

function jsonOf(bytes: Buffer, where: string): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new PermanentError("MODEL_INVALID", "The model is no JSON", { where }, cause);
  }
}

function missing(manifest: Manifest, options: ResolveOptions): PermanentError {
  const isOwn = manifest.source.kind === "file";
  return new PermanentError("MODEL_MISSING", `Model ${manifest.id} is not here`, {
    where: sourceDir(manifest, options),
    expected: isOwn
      ? manifest.source.files.map(({ path }) => path).join(", ")
      : `the model in the cache; run: npm run models ${manifest.id}`,
  });
}

function digestWrong(where: string, expected: string, got: string): PermanentError {
  return new PermanentError(
    "MODEL_DIGEST_WRONG",
    "The file is another one than the manifest says",
    {
      where,
      expected: `sha256 ${expected}`,
      got: `sha256 ${got}`,
    },
  );
}
