/** How much of a zone boxes cover, told on a grid of points. */
import { isInsidePolygon, type BoxNorm, type PolygonNorm } from "../../../protocol/index.ts";
import { boxAround } from "./picture-space.ts";

/** Points along each side of the box around the zone. */
const SIDE = 16;

export class ZoneGrid {
  /** The box around the zone. */
  readonly box: BoxNorm;
  readonly #points: readonly (readonly [number, number])[];

  constructor(zone: PolygonNorm) {
    this.box = boxAround(zone.map(([left, top]) => ({ left, top, width: 0, height: 0 })));
    const { left, top, width, height } = this.box;
    const points = Array.from({ length: SIDE * SIDE }, (_, i) => {
      const [column, row] = [i % SIDE, Math.floor(i / SIDE)];
      return [left + ((column + 0.5) / SIDE) * width, top + ((row + 0.5) / SIDE) * height] as const;
    });
    this.#points = points.filter((point) => isInsidePolygon(point, zone));
  }

  /** Share of the zone that the boxes cover together, 0–1. */
  covered(boxes: readonly BoxNorm[]): number {
    if (boxes.length === 0 || this.#points.length === 0) {
      return 0;
    }
    const inside = this.#points.filter(([x, y]) =>
      boxes.some(
        ({ left, top, width, height }) =>
          x >= left && x <= left + width && y >= top && y <= top + height,
      ),
    );
    return inside.length / this.#points.length;
  }
}

export const WHOLE_PICTURE: PolygonNorm = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
