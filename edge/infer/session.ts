/** A detector session: the model's graph on an execution provider, from pixels to detections. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import {
  createDecoder,
  FRAME_INPUT,
  resolveModel,
  viewOf,
  type Detection,
  type Manifest,
} from "../../models/index.ts";
import { PermanentError, type BoxNorm } from "../../protocol/index.ts";
import type { DetectRequest, ModelReport, Provider, WorkerSettings } from "./messages.ts";
import { joinRegions, type LookedAt } from "./partial-look.ts";

export interface DetectorSession {
  readonly model: ModelReport;
  detect(
    request: DetectRequest,
  ): Promise<LookedAt & { readonly inferMs: number; readonly decodeMs: number }>;
  /** Labels worth decoding from the next frame on. */
  wantClasses(classes: readonly string[]): void;
  release(): Promise<void>;
}

/**
 * @throws PermanentError MODEL_MISSING or MODEL_INVALID when the model cannot be had at all. A
 * provider that cannot be had is no error: the session falls back to `cpu` and says why.
 */
export async function openSession(settings: WorkerSettings): Promise<DetectorSession> {
  const startedAt = performance.now();
  const model = await resolveModel(settings.modelId, { cacheDir: settings.cacheDir });
  const { session, provider, fallbackReason } = await createSession(model.path, settings);
  const wanted = { minScore: settings.minScore, classes: settings.classes };
  const look = lookWith(session, model.manifest, wanted);
  let pixels = new Uint8Array(0);
  return {
    model: {
      id: model.manifest.id,
      version: model.manifest.version,
      sha256: model.sha256,
      provider,
      ...(fallbackReason === undefined ? {} : { fallbackReason }),
      loadMs: performance.now() - startedAt,
    },
    async detect({ buffer, byteOffset, width, height, regions }) {
      const length = (width * height * 3) / 2;
      if (pixels.length !== length) {
        pixels = new Uint8Array(length);
      }
      // The runtime's binding refuses tensors over shared memory; this copy takes 0.03 ms.
      pixels.set(new Uint8Array(buffer, byteOffset, length));
      const frame = new Tensor("uint8", pixels, [1, (height * 3) / 2, width]);
      const spent = { inferMs: 0, decodeMs: 0 };
      if (regions === undefined) {
        const { detections } = await look(frame, { width, height }, undefined, spent);
        return { detections, clipped: [], ...spent };
      }
      const found: Seen[] = [];
      for (const region of regions) {
        found.push(await look(frame, { width, height }, region, spent));
      }
      return { ...joinRegions(found), ...spent };
    },
    wantClasses: (classes) => {
      wanted.classes = classes;
    },
    release: () => session.release(),
  };
}

/** `region` is what was really shown: at least what was asked for. */
interface Seen {
  readonly region: BoxNorm;
  readonly detections: Detection[];
}

type Look = (
  frame: Tensor,
  picture: { readonly width: number; readonly height: number },
  region: BoxNorm | undefined,
  spent: { inferMs: number; decodeMs: number },
) => Promise<Seen>;

/** One run of the graph over a picture or a part of it; the graph itself cuts and scales. */
function lookWith(
  session: InferenceSession,
  manifest: Manifest,
  wanted: { readonly minScore: number; readonly classes: readonly string[] },
): Look {
  const decode = createDecoder(manifest);
  const hasSize = session.inputNames.includes("size");
  return async (frame, picture, region, spent) => {
    const begunAt = performance.now();
    const view = viewOf(manifest, picture, region);
    const outputs = await session.run({
      [FRAME_INPUT]: frame,
      region: int64(view.region),
      ...(hasSize ? { size: int64(view.size) } : {}),
    });
    const inferredAt = performance.now();
    const detections = decode(readOutputs(outputs), picture, { ...wanted, view });
    spent.inferMs += inferredAt - begunAt;
    spent.decodeMs += performance.now() - inferredAt;
    const [top, left, bottom, right] = view.region;
    const shown = {
      left: left / picture.width,
      top: top / picture.height,
      width: (right - left) / picture.width,
      height: (bottom - top) / picture.height,
    };
    return { region: shown, detections };
  };
}

function int64(values: readonly number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(values, BigInt), [values.length]);
}

async function createSession(
  path: string,
  settings: WorkerSettings,
): Promise<{ session: InferenceSession; provider: Provider; fallbackReason?: string }> {
  const open = (provider: Provider): Promise<InferenceSession> =>
    InferenceSession.create(path, {
      executionProviders: [provider],
      intraOpNumThreads: settings.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
      // A spinning thread takes a core from the decoders between two frames.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
  try {
    return { session: await open(settings.provider), provider: settings.provider };
  } catch (error) {
    if (settings.provider === "cpu") {
      throw new PermanentError(
        "MODEL_INVALID",
        "The model cannot be loaded",
        { where: path, got: (error as Error).message },
        error,
      );
    }
    return {
      session: await open("cpu"),
      provider: "cpu",
      fallbackReason: (error as Error).message.slice(0, 300),
    };
  }
}

function readOutputs(
  outputs: InferenceSession.ReturnType,
): Record<string, { data: Float32Array; dims: readonly number[] }> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => {
      if (!(tensor.data instanceof Float32Array)) {
        throw new PermanentError("MODEL_INVALID", "A detector's output has the wrong type", {
          where: name,
          expected: "float32",
          got: tensor.type,
        });
      }
      return [name, { data: tensor.data, dims: tensor.dims }];
    }),
  );
}
