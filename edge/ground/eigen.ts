/** Smallest eigenvector of a small symmetric matrix, by Jacobi's rotations. */

/** Each sweep squares the remainder: a 9 × 9 matrix needs about six. */
const MAX_SWEEPS = 50;

/**
 * The last but one eigenvalue must be larger than this share of the largest, or the smallest has no
 * direction of its own. Eigenvalues are squares: it is a share of 1e-4 in the points' own measure.
 */
const MIN_SECOND = 1e-8;
/** … and the smallest must be smaller than this share of the last but one. */
const MAX_FIRST = 0.5;

/**
 * @param matrix size × size, symmetric, positive semidefinite; it is overwritten.
 * @returns of length 1; `undefined` when it is not determined.
 */
export function smallestEigenvector(matrix: Float64Array, size: number): Float64Array | undefined {
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    vectors[i * size + i] = 1;
  }
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(matrix, size) > 0; sweep++) {
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) {
        rotate(matrix, vectors, size, p, q);
      }
    }
  }
  const order = Array.from({ length: size }, (_, i) => i);
  const valueOf = (i: number): number => Math.abs(matrix[i * size + i] as number);
  order.sort((a, b) => valueOf(a) - valueOf(b));
  const first = order[0] as number;
  const second = valueOf(order[1] as number);
  if (
    second <= MIN_SECOND * valueOf(order[size - 1] as number) ||
    valueOf(first) > MAX_FIRST * second
  ) {
    return undefined;
  }
  return Float64Array.from({ length: size }, (_, k) => vectors[k * size + first] as number);
}

function offDiagonal(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      sum += Math.abs(matrix[i * size + j] as number);
    }
  }
  return sum;
}

/** Turns the plane of the axes p and q so that their common entry becomes zero. */
function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q] as number;
  if (apq === 0) {
    return;
  }
  const theta = ((a[q * size + q] as number) - (a[p * size + p] as number)) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < size; k++) {
    turn(a, k * size + p, k * size + q, c, s);
    turn(v, k * size + p, k * size + q, c, s);
  }
  for (let k = 0; k < size; k++) {
    turn(a, p * size + k, q * size + k, c, s);
  }
  a[p * size + q] = 0;
  a[q * size + p] = 0;
}

function turn(a: Float64Array, i: number, j: number, c: number, s: number): void {
  const x = a[i] as number;
  const y = a[j] as number;
  a[i] = c * x - s * y;
  a[j] = s * x + c * y;
}
