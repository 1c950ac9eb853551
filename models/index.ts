/** Models: their papers, how they are fetched and prepared, and what their outputs mean. */
export {
  createDecoder,
  type DecodeOptions,
  type Decoder,
  type Detection,
  type Outputs,
} from "./decode/index.ts";
export type { Progress } from "./fetch.ts";
export { COCO_80, lintLabels } from "./labels.ts";
export { loadManifest, type Manifest, manifestIds, parseManifest } from "./manifest.ts";
export { FRAME_INPUT, REGION_INPUT, SIZE_INPUT } from "./preprocess.ts";
export {
  ensureModel,
  type EnsureOptions,
  type Model,
  type ResolveOptions,
  resolveModel,
} from "./store.ts";
export { type PictureSize, type View, viewOf } from "./view.ts";
