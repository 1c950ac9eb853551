/** Drawing a zone or a line: corners in picture fractions, changed one step at a time. */

/** [x, y] in picture fractions: 0–1, y down. */
export type Point = readonly [number, number];
export type ShapeKind = "zone" | "line";

export interface Drawing {
  readonly kind: ShapeKind;
  readonly points: readonly Point[];
  /** The next click adds a corner at its end. */
  readonly isOpen: boolean;
  /** Index of the corner that keys act on. */
  readonly selected: number | null;
  /** The selected corner is held and has not been moved yet. */
  readonly isHeld: boolean;
  readonly past: readonly Snapshot[];
}

type Snapshot = Pick<Drawing, "points" | "isOpen" | "selected">;

export type DrawingAction =
  | { readonly kind: "add"; readonly at: Point }
  | { readonly kind: "close" }
  /** Before a drag, which is one step to undo however many moves it has. */
  | { readonly kind: "grab"; readonly corner: number }
  | { readonly kind: "drag"; readonly to: Point }
  | { readonly kind: "select"; readonly corner: number | null }
  | { readonly kind: "nudge"; readonly corner: number; readonly by: Point }
  | { readonly kind: "place"; readonly corner: number; readonly at: Point }
  | { readonly kind: "insert"; readonly after: number }
  | { readonly kind: "remove"; readonly corner: number }
  | { readonly kind: "flip" }
  | { readonly kind: "start" }
  | { readonly kind: "clear" }
  | { readonly kind: "undo" };

/** As the wire's schema has them. */
const MOST_CORNERS = 64;
const STEPS_KEPT = 100;
/** A click this near to an edge of a finished zone puts a corner on it, picture fractions. */
const EDGE_REACH = 0.03;
/** A tenth of a pixel at 1 000 pixels: what is finer only makes long numbers. */
const GRAIN = 10_000;

const STARTERS: Readonly<Record<ShapeKind, readonly Point[]>> = {
  zone: [
    [0.3, 0.3],
    [0.7, 0.3],
    [0.7, 0.7],
    [0.3, 0.7],
  ],
  line: [
    [0.3, 0.5],
    [0.7, 0.5],
  ],
};

export function fewestCorners(kind: ShapeKind): number {
  return kind === "zone" ? 3 : 2;
}

export function beginDrawing(kind: ShapeKind, points: readonly Point[]): Drawing {
  const isOpen = points.length < fewestCorners(kind);
  return { kind, points, isOpen, selected: null, isHeld: false, past: [] };
}

/** All corners are there. */
export function isWhole({ kind, points }: Pick<Drawing, "kind" | "points">): boolean {
  return points.length >= fewestCorners(kind);
}

export function changeDrawing(drawing: Drawing, action: DrawingAction): Drawing {
  switch (action.kind) {
    case "add":
      return addCorner(drawing, tidy(action.at));
    case "close":
      return isWhole(drawing) && drawing.isOpen ? step(drawing, { isOpen: false }) : drawing;
    case "grab":
      return { ...drawing, selected: action.corner, isHeld: true };
    case "drag":
      return drag(drawing, tidy(action.to));
    case "select":
      return drawing.selected === action.corner ? drawing : { ...drawing, selected: action.corner };
    case "nudge": {
      const from = drawing.points[action.corner];
      return from === undefined
        ? drawing
        : place(drawing, action.corner, [from[0] + action.by[0], from[1] + action.by[1]]);
    }
    case "place":
      return place(drawing, action.corner, action.at);
    case "insert":
      return insertCorner(drawing, action.after);
    case "remove":
      return removeCorner(drawing, action.corner);
    case "flip":
      return step(drawing, { points: [...drawing.points].reverse() });
    case "start":
      return step(drawing, { points: STARTERS[drawing.kind], isOpen: false, selected: 0 });
    case "clear":
      return step(drawing, { points: [], isOpen: true, selected: null });
    case "undo":
      return undo(drawing);
  }
}

function step(drawing: Drawing, change: Partial<Snapshot>): Drawing {
  const { points, isOpen, selected } = drawing;
  const past = [...drawing.past.slice(1 - STEPS_KEPT), { points, isOpen, selected }];
  return { ...drawing, ...change, isHeld: false, past };
}

function drag(drawing: Drawing, to: Point): Drawing {
  const { selected, points, isHeld } = drawing;
  if (selected === null) {
    return drawing;
  }
  const moved = { points: withCorner(points, selected, to) };
  return isHeld ? step(drawing, moved) : { ...drawing, ...moved };
}

function undo(drawing: Drawing): Drawing {
  const before = drawing.past.at(-1);
  return before === undefined
    ? drawing
    : { ...drawing, ...before, isHeld: false, past: drawing.past.slice(0, -1) };
}

function addCorner(drawing: Drawing, at: Point): Drawing {
  const { kind, points, isOpen } = drawing;
  if (!isOpen) {
    const edge = kind === "zone" ? nearestEdge(points, at) : null;
    return edge === null ? drawing : withInserted(drawing, edge, at);
  }
  if (points.length >= MOST_CORNERS) {
    return drawing;
  }
  const next = [...points, at];
  // A line has no corner to wait for.
  return step(drawing, {
    points: next,
    isOpen: !(kind === "line" && next.length === 2),
    selected: points.length,
  });
}

function place(drawing: Drawing, corner: number, at: Point): Drawing {
  const from = drawing.points[corner];
  const to = tidy(at);
  if (from === undefined || (from[0] === to[0] && from[1] === to[1])) {
    return drawing;
  }
  return step(drawing, { points: withCorner(drawing.points, corner, to), selected: corner });
}

/** Halfway to the next corner; of an open end, a little beside it. */
function insertCorner(drawing: Drawing, after: number): Drawing {
  const { kind, points, isOpen } = drawing;
  const here = points[after];
  if (here === undefined || (kind === "line" && points.length >= 2)) {
    return drawing;
  }
  const isEnd = after === points.length - 1 && (isOpen || points.length < 2);
  if (isEnd) {
    const beside: Point = [here[0] + (here[0] > 0.9 ? -0.1 : 0.1), here[1]];
    return addCorner({ ...drawing, isOpen: true }, tidy(beside));
  }
  const next = points[(after + 1) % points.length] as Point;
  return withInserted(drawing, after, tidy([(here[0] + next[0]) / 2, (here[1] + next[1]) / 2]));
}

function withInserted(drawing: Drawing, after: number, at: Point): Drawing {
  if (drawing.points.length >= MOST_CORNERS) {
    return drawing;
  }
  const points = [...drawing.points.slice(0, after + 1), at, ...drawing.points.slice(after + 1)];
  return step(drawing, { points, selected: after + 1 });
}

function removeCorner(drawing: Drawing, corner: number): Drawing {
  if (drawing.points[corner] === undefined) {
    return drawing;
  }
  const points = drawing.points.filter((_, index) => index !== corner);
  const isOpen = drawing.isOpen || points.length < fewestCorners(drawing.kind);
  const selected = points.length === 0 ? null : Math.min(corner, points.length - 1);
  return step(drawing, { points, isOpen, selected });
}

function withCorner(points: readonly Point[], corner: number, at: Point): readonly Point[] {
  return points.map((point, index) => (index === corner ? at : point));
}

function tidy([x, y]: Point): Point {
  const inside = (value: number): number =>
    Math.round(Math.min(1, Math.max(0, value)) * GRAIN) / GRAIN;
  return [inside(x), inside(y)];
}

/** Index of the corner that the nearest edge begins at, or null where none is near. */
function nearestEdge(points: readonly Point[], at: Point): number | null {
  let best: number | null = null;
  let bestDistance = EDGE_REACH;
  for (const [index, from] of points.entries()) {
    const to = points[(index + 1) % points.length] as Point;
    const distance = distanceToEdge(at, from, to);
    if (distance < bestDistance) {
      best = index;
      bestDistance = distance;
    }
  }
  return best;
}

function distanceToEdge(at: Point, from: Point, to: Point): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : ((at[0] - from[0]) * dx + (at[1] - from[1]) * dy) / length2;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(at[0] - from[0] - t * dx, at[1] - from[1] - t * dy);
}

/** Two edges of a zone cross: inside and outside are then not what one would think. */
export function crossesItself(points: readonly Point[]): boolean {
  const count = points.length;
  for (let i = 0; i < count; i++) {
    for (let j = i + 2; j < count; j++) {
      const isNeighbour = i === 0 && j === count - 1;
      const [a, b] = [points[i] as Point, points[(i + 1) % count] as Point];
      const [c, d] = [points[j] as Point, points[(j + 1) % count] as Point];
      if (
        !isNeighbour &&
        cross(a, b, c) * cross(a, b, d) < 0 &&
        cross(c, d, a) * cross(c, d, b) < 0
      ) {
        return true;
      }
    }
  }
  return false;
}

function cross(a: Point, b: Point, p: Point): number {
  return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

export interface SideMarks {
  readonly middle: Point;
  /** Beside the line's middle, in picture fractions. */
  readonly left: Point;
  readonly right: Point;
}

/**
 * Both sides of a line, looking from its first end to its second. With y down, the right-hand
 * side of (dx, dy) lies at (−dy, dx). `aspect` is width ÷ height, so that it stands square.
 */
export function sidesOfLine([from, to]: readonly [Point, Point], aspect: number): SideMarks {
  const reach = 0.07;
  const middle: Point = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const [dx, dy] = [(to[0] - from[0]) * aspect, to[1] - from[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [nx, ny] = [(-dy / length / aspect) * reach, (dx / length) * reach];
  return {
    middle,
    left: [middle[0] - nx, middle[1] - ny],
    right: [middle[0] + nx, middle[1] + ny],
  };
}
