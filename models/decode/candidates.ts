/** Boxes above the threshold before suppression, in arrays made once and used for every frame. */
export interface Candidates {
  /** Corners in pixels of the model's input. */
  readonly left: Float32Array;
  readonly top: Float32Array;
  readonly right: Float32Array;
  readonly bottom: Float32Array;
  readonly score: Float32Array;
  /** Index into the manifest's labels. */
  readonly label: Int32Array;
  readonly capacity: number;
  count: number;
  /** Values that are no numbers; a sound model gives none. */
  invalid: number;
}

/** @param capacity one for every cell, so that it cannot overflow */
export function makeCandidates(capacity: number): Candidates {
  return {
    left: new Float32Array(capacity),
    top: new Float32Array(capacity),
    right: new Float32Array(capacity),
    bottom: new Float32Array(capacity),
    score: new Float32Array(capacity),
    label: new Int32Array(capacity),
    capacity,
    count: 0,
    invalid: 0,
  };
}

export function pushCandidate(
  candidates: Candidates,
  left: number,
  top: number,
  right: number,
  bottom: number,
  score: number,
  label: number,
): void {
  const at = candidates.count;
  candidates.left[at] = left;
  candidates.top[at] = top;
  candidates.right[at] = right;
  candidates.bottom[at] = bottom;
  candidates.score[at] = score;
  candidates.label[at] = label;
  candidates.count = at + 1;
}
