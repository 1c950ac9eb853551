/**
 * One-to-one assignment of rows to columns with the largest sum of scores: shortest augmenting
 * paths with potentials (Jonker and Volgenant, Computing 38, 1987) on the negated scores.
 */

/**
 * @param scores row-major, `rows` × `columns`, finite and ≥ 0.
 * @returns for each row its column, or −1; pairs of score 0 are left out.
 */
export function assignLargest(scores: Float64Array, rows: number, columns: number): Int32Array {
  const result = new Int32Array(rows).fill(-1);
  if (rows === 0 || columns === 0) {
    return result;
  }
  const isWide = rows <= columns;
  const cost = isWide ? scores.map((score) => -score) : transposed(scores, rows, columns);
  const few = Math.min(rows, columns);
  const many = Math.max(rows, columns);
  const ownerOf = new Solver(cost, few, many).solve();
  for (let column = 1; column <= many; column++) {
    const owner = ownerOf[column] as number;
    if (owner === 0 || (cost[(owner - 1) * many + column - 1] as number) === 0) {
      continue;
    }
    if (isWide) {
      result[owner - 1] = column - 1;
    } else {
      result[column - 1] = owner - 1;
    }
  }
  return result;
}

function transposed(scores: Float64Array, rows: number, columns: number): Float64Array {
  const cost = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      cost[column * rows + row] = -(scores[row * columns + column] as number);
    }
  }
  return cost;
}

/** Rows ≤ columns. Rows and columns count from 1, so that 0 can say "none". */
class Solver {
  readonly #cost: Float64Array;
  readonly #rows: number;
  readonly #columns: number;
  readonly #rowPotential: Float64Array;
  readonly #columnPotential: Float64Array;
  readonly #ownerOf: Int32Array;
  readonly #previous: Int32Array;
  readonly #distance: Float64Array;
  readonly #visited: Uint8Array;

  constructor(cost: Float64Array, rows: number, columns: number) {
    this.#cost = cost;
    this.#rows = rows;
    this.#columns = columns;
    this.#rowPotential = new Float64Array(rows + 1);
    this.#columnPotential = new Float64Array(columns + 1);
    this.#ownerOf = new Int32Array(columns + 1);
    this.#previous = new Int32Array(columns + 1);
    this.#distance = new Float64Array(columns + 1);
    this.#visited = new Uint8Array(columns + 1);
  }

  /** @returns for each column the row that owns it, or 0. */
  solve(): Int32Array {
    for (let row = 1; row <= this.#rows; row++) {
      this.#ownerOf[0] = row;
      this.#distance.fill(Infinity);
      this.#visited.fill(0);
      let column = 0;
      do {
        column = this.#advance(column);
      } while (this.#ownerOf[column] !== 0);
      while (column !== 0) {
        const before = this.#previous[column] as number;
        this.#ownerOf[column] = this.#ownerOf[before] as number;
        column = before;
      }
    }
    return this.#ownerOf;
  }

  /** Takes `column` into the tree of shortest paths. @returns the nearest column outside. */
  #advance(column: number): number {
    const [distance, visited, potential] = [this.#distance, this.#visited, this.#columnPotential];
    visited[column] = 1;
    const row = this.#ownerOf[column] as number;
    const start = (row - 1) * this.#columns - 1;
    const rowPotential = this.#rowPotential[row] as number;
    let nearest = Infinity;
    let next = 0;
    for (let other = 1; other <= this.#columns; other++) {
      if (visited[other] === 1) {
        continue;
      }
      const cost = this.#cost[start + other] as number;
      const reduced = cost - rowPotential - (potential[other] as number);
      if (reduced < (distance[other] as number)) {
        distance[other] = reduced;
        this.#previous[other] = column;
      }
      if ((distance[other] as number) < nearest) {
        nearest = distance[other] as number;
        next = other;
      }
    }
    this.#raise(nearest);
    return next;
  }

  #raise(by: number): void {
    for (let column = 0; column <= this.#columns; column++) {
      if (this.#visited[column] === 1) {
        const owner = this.#ownerOf[column] as number;
        this.#rowPotential[owner] = (this.#rowPotential[owner] as number) + by;
        this.#columnPotential[column] = (this.#columnPotential[column] as number) - by;
      } else {
        this.#distance[column] = (this.#distance[column] as number) - by;
      }
    }
  }
}
