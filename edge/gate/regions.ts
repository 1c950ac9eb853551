/** From changed pixels by cell to boxes around what moves. */
import type { BoxNorm } from "../../protocol/index.ts";
import { CELL, type Background } from "./background.kernel.ts";
import type { SmallPicture } from "./luma.kernel.ts";

interface CellBox {
  left: number;
  top: number;
  /** Inclusive. */
  right: number;
  bottom: number;
}

/** Changed pixels that make a cell active by themselves, and beside an active one. */
const STRONG = 4;
const WEAK = 2;

/** Cells of one background: which are active, and the boxes around those that touch. */
export class CellGrid {
  readonly active: Uint8Array;
  private readonly columns: number;
  private readonly rows: number;
  /** Cells with enough watched pixels to be active. */
  private readonly usable: number;
  private readonly stack: Int32Array;
  private readonly visited: Uint8Array;

  constructor(background: Background) {
    this.columns = background.columns;
    this.rows = background.rows;
    const cells = this.columns * this.rows;
    this.active = new Uint8Array(cells);
    this.visited = new Uint8Array(cells);
    this.stack = new Int32Array(cells);
    const watched = new Uint16Array(cells);
    background.watched.forEach((value, i) => {
      const y = Math.floor(i / background.width);
      const cell = Math.floor(y / CELL) * this.columns + Math.floor((i % background.width) / CELL);
      watched[cell] = (watched[cell] as number) + value;
    });
    this.usable = watched.filter((count) => count >= STRONG).length;
  }

  /** Marks active cells; gives their share of the usable ones, 0–1. */
  mark(changed: Uint16Array): number {
    const { active } = this;
    let count = 0;
    for (let cell = 0; cell < changed.length; cell++) {
      const pixels = changed[cell] as number;
      const on = pixels >= STRONG || (pixels >= WEAK && this.besideStrong(changed, cell));
      active[cell] = on ? 1 : 0;
      count += active[cell] as number;
    }
    return this.usable === 0 ? 0 : Math.min(1, count / this.usable);
  }

  /** Boxes of connected active cells, half a cell wider on every side, joined until disjoint. */
  regions(small: SmallPicture): readonly BoxNorm[] {
    const boxes: CellBox[] = [];
    this.visited.fill(0);
    for (let cell = 0; cell < this.active.length; cell++) {
      if (this.active[cell] === 1 && this.visited[cell] === 0) {
        boxes.push(this.flood(cell));
      }
    }
    return joined(boxes).map((box) => this.toNorm(box, small));
  }

  private besideStrong(changed: Uint16Array, cell: number): boolean {
    const { columns, rows } = this;
    const x = cell % columns;
    const y = (cell - x) / columns;
    for (let j = Math.max(0, y - 1); j <= Math.min(rows - 1, y + 1); j++) {
      for (let i = Math.max(0, x - 1); i <= Math.min(columns - 1, x + 1); i++) {
        if ((changed[j * columns + i] as number) >= STRONG) {
          return true;
        }
      }
    }
    return false;
  }

  private flood(from: number): CellBox {
    const { columns, rows, active, visited, stack } = this;
    const box = { left: columns, top: rows, right: 0, bottom: 0 };
    let depth = 0;
    stack[depth++] = from;
    visited[from] = 1;
    while (depth > 0) {
      const cell = stack[--depth] as number;
      const x = cell % columns;
      const y = (cell - x) / columns;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
      for (let j = Math.max(0, y - 1); j <= Math.min(rows - 1, y + 1); j++) {
        for (let i = Math.max(0, x - 1); i <= Math.min(columns - 1, x + 1); i++) {
          const next = j * columns + i;
          if (active[next] === 1 && visited[next] === 0) {
            visited[next] = 1;
            stack[depth++] = next;
          }
        }
      }
    }
    return box;
  }

  private toNorm(box: CellBox, { step, frameWidth, frameHeight }: SmallPicture): BoxNorm {
    const xCell = (CELL * step) / frameWidth;
    const yCell = (CELL * step) / frameHeight;
    const left = Math.max(0, (box.left - 0.5) * xCell);
    const top = Math.max(0, (box.top - 0.5) * yCell);
    const right = box.right >= this.columns - 1 ? 1 : Math.min(1, (box.right + 1.5) * xCell);
    const bottom = box.bottom >= this.rows - 1 ? 1 : Math.min(1, (box.bottom + 1.5) * yCell);
    return { left, top, width: right - left, height: bottom - top };
  }
}

/** Boxes whose padded outlines meet become one. */
function joined(boxes: CellBox[]): CellBox[] {
  for (let i = 0; i < boxes.length; i++) {
    for (let j = i + 1; j < boxes.length; j++) {
      const a = boxes[i] as CellBox;
      const b = boxes[j] as CellBox;
      const apart =
        a.left > b.right + 1 ||
        b.left > a.right + 1 ||
        a.top > b.bottom + 1 ||
        b.top > a.bottom + 1;
      if (!apart) {
        boxes[i] = {
          left: Math.min(a.left, b.left),
          top: Math.min(a.top, b.top),
          right: Math.max(a.right, b.right),
          bottom: Math.max(a.bottom, b.bottom),
        };
        boxes.splice(j, 1);
        i = -1; // The larger box may meet one that was passed already.
        break;
      }
    }
  }
  return boxes;
}
