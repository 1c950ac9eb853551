/** Runs a prepared model once, so that one which cannot work is refused before it is needed. */
import ort from "onnxruntime-node";
import { PermanentError } from "../protocol/index.ts";
import { createDecoder, type Outputs } from "./decode/index.ts";
import type { Manifest } from "./manifest.ts";
import { FRAME_INPUT } from "./preprocess.ts";

/** Wider than high, and of no model's size, so that the resize is tried as well. */
const TRIAL_PX = { width: 96, height: 54 };

/** @throws PermanentError MODEL_INVALID when it does not load or run, or its outputs are not as stated */
export async function tryOut(path: string, manifest: Manifest): Promise<void> {
  try {
    const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1 });
    try {
      const { width, height } = TRIAL_PX;
      const bytes = new Uint8Array(width * height * 3).fill(128);
      const frame = new ort.Tensor("uint8", bytes, [1, height, width, 3]);
      const outputs = (await session.run({ [FRAME_INPUT]: frame })) as unknown as Outputs;
      createDecoder(manifest)(outputs, TRIAL_PX);
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
