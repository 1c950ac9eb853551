/** Products of matrices. */
import type { Translation, Translator } from "../translation.ts";
import { withFusedActivation } from "./convolution.ts";

function product(t: Translation): string {
  const side = (index: number, isTransposed: boolean): string =>
    isTransposed ? t.transpose(t.input(index), [1, 0]) : t.input(index);
  return t.emit("MatMul", [side(0, t.flag("transpose_a")), side(1, t.flag("transpose_b"))]);
}

const fusedMatMul: Translator = (t) => {
  const bare = product(t);
  const biased = t.texts("fused_ops").includes("BiasAdd")
    ? t.emit("Add", [bare, t.input(2)])
    : bare;
  return [withFusedActivation(t, biased, 3)];
};

/** Of any number of leading axes; the adjoint would need their number, which is not known here. */
const batchMatMul: Translator = (t) => {
  if (t.flag("adj_x") || t.flag("adj_y")) {
    throw t.unsupported("adj_x and adj_y, expected neither");
  }
  return [t.emit("MatMul", [t.input(0), t.input(1)])];
};

export const MATRIX: Readonly<Record<string, Translator>> = {
  MatMul: (t) => [product(t)],
  _FusedMatMul: fusedMatMul,
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMul,
};
