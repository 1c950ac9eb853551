/**
 * Minimum-cost assignment of rows to columns, where leaving a row alone costs `limit`: a pair that
 * costs more than `limit` is never made. Shortest augmenting paths with potentials (Kuhn–Munkres
 * in the O(n³) form of Jonker and Volgenant, "A shortest augmenting path algorithm for dense and
 * sparse linear assignment problems", Computing 38, 1987).
 */

/**
 * @param cost row-major, `rows` × `columns`; Infinity forbids a pair.
 * @returns for each row its column, or −1.
 */
export function assign(
  cost: Float64Array,
  rows: number,
  columns: number,
  limit: number,
): Int32Array {
  const result = new Int32Array(rows).fill(-1);
  if (rows === 0 || columns === 0) {
    return result;
  }
  // One column of its own for every row, at the price of the limit: "stay alone".
  const width = columns + rows;
  const priceOf = (row: number, column: number): number => {
    if (column >= columns) {
      return column - columns === row ? limit : Infinity;
    }
    const price = cost[row * columns + column] as number;
    return price > limit ? Infinity : price;
  };
  const rowOf = matchRows(rows, width, priceOf);
  for (let column = 0; column < columns; column++) {
    const row = rowOf[column + 1] as number;
    if (row > 0) {
      result[row - 1] = column;
    }
  }
  return result;
}

/** @returns for each column (1-based) the row (1-based) that it is given to, or 0. */
function matchRows(
  rows: number,
  width: number,
  priceOf: (row: number, column: number) => number,
): Int32Array {
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(width + 1);
  const rowOf = new Int32Array(width + 1);
  const previous = new Int32Array(width + 1);
  const shortest = new Float64Array(width + 1);
  const visited = new Uint8Array(width + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    shortest.fill(Infinity);
    visited.fill(0);
    let column = 0;
    do {
      visited[column] = 1;
      const current = rowOf[column] as number;
      let best = Infinity;
      let next = 0;
      for (let candidate = 1; candidate <= width; candidate++) {
        if (visited[candidate] === 1) {
          continue;
        }
        const reduced =
          priceOf(current - 1, candidate - 1) -
          (rowPotential[current] as number) -
          (columnPotential[candidate] as number);
        if (reduced < (shortest[candidate] as number)) {
          shortest[candidate] = reduced;
          previous[candidate] = column;
        }
        if ((shortest[candidate] as number) < best) {
          best = shortest[candidate] as number;
          next = candidate;
        }
      }
      for (let seen = 0; seen <= width; seen++) {
        if (visited[seen] === 1) {
          const owner = rowOf[seen] as number;
          rowPotential[owner] = (rowPotential[owner] as number) + best;
          columnPotential[seen] = (columnPotential[seen] as number) - best;
        } else {
          shortest[seen] = (shortest[seen] as number) - best;
        }
      }
      column = next;
    } while (rowOf[column] !== 0);
    augment(rowOf, previous, column);
  }
  return rowOf;
}

function augment(rowOf: Int32Array, previous: Int32Array, end: number): void {
  let column = end;
  while (column !== 0) {
    const before = previous[column] as number;
    rowOf[column] = rowOf[before] as number;
    column = before;
  }
}
