/** Boxes around marked cells of a grid that lie together. */

/** In cells; right and bottom inclusive. */
export interface Cluster {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Marked cells. */
  readonly count: number;
}

export class Clusters {
  private readonly columns: number;
  private readonly rows: number;
  private readonly reach: number;
  private readonly stack: Int32Array;

  /** @param reach cells this far from each other, along both axes, lie together. */
  constructor(columns: number, rows: number, reach = 1) {
    this.columns = columns;
    this.rows = rows;
    this.reach = reach;
    this.stack = new Int32Array(columns * rows);
  }

  /**
   * Takes one cluster out of `marked`: the cells that lie together with `from` become 0.
   * @param each called with every cell of it.
   */
  take(marked: Uint8Array, from: number, each?: (cell: number) => void): Cluster {
    const { columns, rows, reach, stack } = this;
    let [left, top, right, bottom] = [columns, rows, 0, 0];
    let depth = 0;
    let count = 0;
    stack[depth++] = from;
    marked[from] = 0;
    while (depth > 0) {
      const cell = stack[--depth] as number;
      const x = cell % columns;
      const y = (cell - x) / columns;
      count++;
      each?.(cell);
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      const lastColumn = Math.min(columns - 1, x + reach);
      const lastRow = Math.min(rows - 1, y + reach);
      for (let j = Math.max(0, y - reach); j <= lastRow; j++) {
        for (let i = Math.max(0, x - reach); i <= lastColumn; i++) {
          const next = j * columns + i;
          if (marked[next] === 1) {
            marked[next] = 0;
            stack[depth++] = next;
          }
        }
      }
    }
    return { left, top, right, bottom, count };
  }
}
