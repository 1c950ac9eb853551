/** Permutations of axes: axis `i` of the result is axis `perm[i]` of the source. */
export type Permutation = readonly number[];

/** First `inner`, then `outer`. */
export function composed(inner: Permutation, outer: Permutation): number[] {
  return outer.map((axis) => inner[axis] ?? axis);
}

export function inverted(perm: Permutation): number[] {
  return perm.map((_, axis) => perm.indexOf(axis));
}

export function isIdentity(perm: Permutation): boolean {
  return perm.every((axis, index) => axis === index);
}

export function isEqual(a: Permutation, b: Permutation): boolean {
  return a.length === b.length && a.every((axis, index) => axis === b[index]);
}

/** The axis of the source that `axis` (negative counts from the end) of the result came from. */
export function sourceAxis(perm: Permutation, axis: number): number {
  return perm[axis < 0 ? axis + perm.length : axis] ?? axis;
}

/** What is left of `perm` when the result's `axes` are taken away on both sides. */
export function without(perm: Permutation, axes: readonly number[]): number[] {
  const dropped = new Set(axes.map((axis) => (axis < 0 ? axis + perm.length : axis)));
  const kept = perm.filter((_, index) => !dropped.has(index));
  const order = [...kept].sort((a, b) => a - b);
  return kept.map((axis) => order.indexOf(axis));
}
