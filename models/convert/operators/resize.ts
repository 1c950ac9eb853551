/** Resizing of pictures, in TensorFlow's three conventions of where a pixel's centre lies. */
import { int, int64List, string } from "../../onnx/index.ts";
import type { Translation, Translator } from "../translation.ts";

interface Convention {
  readonly coordinates: string;
  readonly nearest: string;
}

/**
 * TensorFlow's nearest neighbour floors a coordinate; with aligned corners it rounds half up, and
 * with half-pixel centres floor((i + ½)·s) equals round-half-up((i + ½)·s − ½).
 */
function convention(t: Translation): Convention {
  if (t.flag("align_corners")) {
    return { coordinates: "align_corners", nearest: "round_prefer_ceil" };
  }
  return t.flag("half_pixel_centers")
    ? { coordinates: "half_pixel", nearest: "round_prefer_ceil" }
    : { coordinates: "asymmetric", nearest: "floor" };
}

const resized =
  (mode: "linear" | "nearest"): Translator =>
  (t) => {
    const size = t.add(int64List(t.requiredNumbers(1, "the size")));
    const { coordinates, nearest } = convention(t);
    const attributes = {
      mode: string(mode),
      coordinate_transformation_mode: string(coordinates),
      ...(mode === "nearest" ? { nearest_mode: string(nearest) } : {}),
    };
    // Sizes of all four axes: onnxruntime 1.30 mishandles `axes` where it moves a transpose past it.
    return [
      t.inChannelsFirst(t.input(0), (value) => {
        const head = t.emit("Shape", [value], { start: int(0), end: int(2) });
        const sizes = t.emit("Concat", [head, size], { axis: int(0) });
        return t.emit("Resize", [value, "", "", sizes], attributes);
      }),
    ];
  };

export const RESIZE: Readonly<Record<string, Translator>> = {
  ResizeBilinear: resized("linear"),
  ResizeNearestNeighbor: resized("nearest"),
};
