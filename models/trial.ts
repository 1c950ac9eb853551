/** Runs a prepared model once, so that one which cannot work is refused before it is needed. */
import ort from "onnxruntime-node";
import { PermanentError } from "../protocol/index.ts";
import { createDecoder, type Outputs } from "./decode/index.ts";
import type { Manifest } from "./manifest.ts";
import { FRAME_INPUT, REGION_INPUT, SIZE_INPUT } from "./preprocess.ts";
import { type View, viewOf } from "./view.ts";

/** Wider than high, and of no model's size, so that the resize is tried as well. */
const TRIAL_PX = { width: 480, height: 270 };
const TRIAL_PART = { left: 0.5, top: 0.25, width: 0.2, height: 0.3 };

/** @throws PermanentError MODEL_INVALID when it does not load or run, or its outputs are not as stated */
export async function tryOut(path: string, manifest: Manifest): Promise<void> {
  try {
    const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1 });
    try {
      const decode = createDecoder(manifest);
      for (const part of [undefined, TRIAL_PART]) {
        const view = viewOf(manifest, TRIAL_PX, part);
        const outputs = (await session.run(feedsOf(session, view))) as unknown as Outputs;
        decode(outputs, TRIAL_PX, { view });
      }
    } finally {
      await session.release();
    }
  } catch (cause) {
    throw new PermanentError(
      "MODEL_INVALID",
      "The prepared model does not run",
      { where: manifest.id, got: (cause as Error).message },
      cause,
    );
  }
}

function feedsOf(
  session: ort.InferenceSession,
  { region, size }: View,
): Record<string, ort.Tensor> {
  const { width, height } = TRIAL_PX;
  const bytes = new Uint8Array((width * height * 3) / 2).fill(128);
  const list = (values: readonly number[]): ort.Tensor =>
    new ort.Tensor("int64", BigInt64Array.from(values, BigInt), [values.length]);
  return {
    [FRAME_INPUT]: new ort.Tensor("uint8", bytes, [1, (height * 3) / 2, width]),
    [REGION_INPUT]: list(region),
    ...(session.inputNames.includes(SIZE_INPUT) ? { [SIZE_INPUT]: list(size) } : {}),
  };
}
