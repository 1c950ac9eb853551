/** A detector session: the model's graph on an execution provider, from pixels to detections. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { createDecoder, resolveModel, type Detection } from "../../models/index.ts";
import { PermanentError } from "../../protocol/index.ts";
import type { DetectRequest, ModelReport, Provider, WorkerSettings } from "./messages.ts";

export interface DetectorSession {
  readonly model: ModelReport;
  detect(request: DetectRequest): Promise<{
    readonly detections: readonly Detection[];
    readonly inferMs: number;
    readonly decodeMs: number;
  }>;
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
  const decode = createDecoder(model.manifest);
  const [inputName] = session.inputNames;
  if (inputName === undefined) {
    throw new PermanentError("MODEL_INVALID", "The model has no input", { where: model.path });
  }
  const options = { minScore: settings.minScore, classes: settings.classes };
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
    async detect({ buffer, byteOffset, width, height }) {
      const length = width * height * 3;
      if (pixels.length !== length) {
        pixels = new Uint8Array(length);
      }
      // The runtime's binding refuses tensors over shared memory; this copy takes 0.05 ms.
      pixels.set(new Uint8Array(buffer, byteOffset, length));
      const begunAt = performance.now();
      const outputs = await session.run({
        [inputName]: new Tensor("uint8", pixels, [1, height, width, 3]),
      });
      const inferredAt = performance.now();
      const detections = decode(readOutputs(outputs), { width, height }, options);
      return {
        detections,
        inferMs: inferredAt - begunAt,
        decodeMs: performance.now() - inferredAt,
      };
    },
    release: () => session.release(),
  };
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
