/** Padding of any axis. */
import { float32, int64List, string } from "../../onnx/index.ts";
import type { Translation, Translator } from "../translation.ts";

/** [[before, after], …] per axis becomes all befores, then all afters. */
function pads(t: Translation): string {
  const pairs = t.requiredNumbers(1, "the paddings");
  const before = pairs.filter((_, index) => index % 2 === 0);
  const after = pairs.filter((_, index) => index % 2 === 1);
  return t.add(int64List([...before, ...after]));
}

const mirrored: Translator = (t) => {
  if (t.text("mode", "REFLECT") !== "REFLECT") {
    throw t.unsupported(`mode ${t.text("mode", "")}, expected REFLECT`);
  }
  return [t.emit("Pad", [t.input(0), pads(t)], { mode: string("reflect") })];
};

export const PADDING: Readonly<Record<string, Translator>> = {
  Pad: (t) => [t.emit("Pad", [t.input(0), pads(t), t.add(float32([], [0]))])],
  PadV2: (t) => [t.emit("Pad", [t.input(0), pads(t), t.input(2)])],
  MirrorPad: mirrored,
};
