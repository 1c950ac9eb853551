/**
 * Minimum-cost assignment of rows to columns, where leaving a row alone costs `limit`: a pair that
 * costs more than `limit` is never made. Shortest augmenting paths with potentials (Kuhn–Munkres
 * in the O(n³) form of Jonker and Volgenant, "A shortest augmenting path algorithm for dense and
 * sparse linear assignment problems", Computing 38, 1987). Rows and columns that have only each
 * other, most of them in a scene that is not crowded, are paired beforehand, which is exact.
 */
export class Assigner {
  #columnOf = new Int32Array(0);
  /** Affordable pairs of a row and of a column. */
  #choices = new Int32Array(0);
  #rivals = new Int32Array(0);
  /** Rows and columns that have to be searched. */
  #rows = new Int32Array(0);
  #columns = new Int32Array(0);
  #search = new Search();

  /**
   * @param cost row-major, at least `rows` × `columns`; Infinity forbids a pair, as does NaN.
   * @returns for each row its column, or −1; good until the next call.
   */
  assign(cost: Float64Array, rows: number, columns: number, limit: number): Int32Array {
    this.#grow(rows, columns);
    const result = this.#columnOf.fill(-1, 0, rows);
    this.#count(cost, rows, columns, limit);
    let openRows = 0;
    for (let row = 0; row < rows; row++) {
      const choices = this.#choices[row] as number;
      const lone = choices === 1 ? this.#onlyColumn(cost, row, columns, limit) : -1;
      if (lone >= 0 && this.#rivals[lone] === 1) {
        result[row] = lone;
        this.#rivals[lone] = 0;
      } else if (choices > 0) {
        this.#rows[openRows++] = row;
      }
    }
    if (openRows > 0) {
      this.#solve(cost, columns, limit, openRows);
    }
    return result.subarray(0, rows);
  }

  #grow(rows: number, columns: number): void {
    if (this.#columnOf.length < rows) {
      this.#columnOf = new Int32Array(rows * 2);
      this.#choices = new Int32Array(rows * 2);
      this.#rows = new Int32Array(rows * 2);
    }
    if (this.#rivals.length < columns) {
      this.#rivals = new Int32Array(columns * 2);
      this.#columns = new Int32Array(columns * 2);
    }
  }

  #count(cost: Float64Array, rows: number, columns: number, limit: number): void {
    this.#choices.fill(0, 0, rows);
    this.#rivals.fill(0, 0, columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        if ((cost[row * columns + column] as number) <= limit) {
          this.#choices[row] = (this.#choices[row] as number) + 1;
          this.#rivals[column] = (this.#rivals[column] as number) + 1;
        }
      }
    }
  }

  #onlyColumn(cost: Float64Array, row: number, columns: number, limit: number): number {
    let column = 0;
    while (!((cost[row * columns + column] as number) <= limit)) {
      column++;
    }
    return column;
  }

  #solve(cost: Float64Array, columns: number, limit: number, openRows: number): void {
    let openColumns = 0;
    for (let column = 0; column < columns; column++) {
      if ((this.#rivals[column] as number) > 0) {
        this.#columns[openColumns++] = column;
      }
    }
    const search = this.#search;
    search.reset(openRows, openColumns, limit);
    for (let row = 0; row < openRows; row++) {
      const from = (this.#rows[row] as number) * columns;
      for (let column = 0; column < openColumns; column++) {
        const price = cost[from + (this.#columns[column] as number)] as number;
        search.setPrice(row, column, price <= limit ? price : Infinity);
      }
    }
    search.run();
    for (let column = 0; column < openColumns; column++) {
      const row = search.rowOf(column);
      if (row >= 0) {
        this.#columnOf[this.#rows[row] as number] = this.#columns[column] as number;
      }
    }
  }
}

/** The dense problem. Every row has a column of its own at the price of the limit: "stay alone". */
class Search {
  #rows = 0;
  #width = 0;
  #price = new Float64Array(0);
  #rowPotential = new Float64Array(0);
  #columnPotential = new Float64Array(0);
  /** 1-based; 0 is nobody. */
  #rowOf = new Int32Array(0);
  #previous = new Int32Array(0);
  #shortest = new Float64Array(0);
  #visited = new Uint8Array(0);

  reset(rows: number, columns: number, limit: number): void {
    this.#rows = rows;
    this.#width = columns + rows;
    if (this.#price.length < rows * this.#width) {
      this.#price = new Float64Array(rows * this.#width * 2);
    }
    if (this.#rowOf.length <= this.#width) {
      const size = (this.#width + 1) * 2;
      this.#rowPotential = new Float64Array(size);
      this.#columnPotential = new Float64Array(size);
      this.#rowOf = new Int32Array(size);
      this.#previous = new Int32Array(size);
      this.#shortest = new Float64Array(size);
      this.#visited = new Uint8Array(size);
    }
    this.#rowPotential.fill(0);
    this.#columnPotential.fill(0);
    this.#rowOf.fill(0);
    this.#price.fill(Infinity, 0, rows * this.#width);
    for (let row = 0; row < rows; row++) {
      this.#price[row * this.#width + columns + row] = limit;
    }
  }

  setPrice(row: number, column: number, price: number): void {
    this.#price[row * this.#width + column] = price;
  }

  /** @returns the row that a column is given to, or −1. */
  rowOf(column: number): number {
    return (this.#rowOf[column + 1] as number) - 1;
  }

  run(): void {
    for (let row = 1; row <= this.#rows; row++) {
      this.#rowOf[0] = row;
      this.#shortest.fill(Infinity, 0, this.#width + 1);
      this.#visited.fill(0, 0, this.#width + 1);
      let column = 0;
      do {
        column = this.#step(column);
      } while (this.#rowOf[column] !== 0);
      while (column !== 0) {
        const before = this.#previous[column] as number;
        this.#rowOf[column] = this.#rowOf[before] as number;
        column = before;
      }
    }
  }

  /** Goes on from a column's row to the nearest column not visited yet. */
  #step(column: number): number {
    this.#visited[column] = 1;
    const row = this.#rowOf[column] as number;
    const from = (row - 1) * this.#width - 1;
    const rowPotential = this.#rowPotential[row] as number;
    let best = Infinity;
    let next = 0;
    for (let candidate = 1; candidate <= this.#width; candidate++) {
      if (this.#visited[candidate] === 1) {
        continue;
      }
      const potential = rowPotential + (this.#columnPotential[candidate] as number);
      const reduced = (this.#price[from + candidate] as number) - potential;
      if (reduced < (this.#shortest[candidate] as number)) {
        this.#shortest[candidate] = reduced;
        this.#previous[candidate] = column;
      }
      if ((this.#shortest[candidate] as number) < best) {
        best = this.#shortest[candidate] as number;
        next = candidate;
      }
    }
    this.#raise(best);
    return next;
  }

  #raise(by: number): void {
    for (let column = 0; column <= this.#width; column++) {
      if (this.#visited[column] === 1) {
        const owner = this.#rowOf[column] as number;
        this.#rowPotential[owner] = (this.#rowPotential[owner] as number) + by;
        this.#columnPotential[column] = (this.#columnPotential[column] as number) - by;
      } else {
        this.#shortest[column] = (this.#shortest[column] as number) - by;
      }
    }
  }
}
