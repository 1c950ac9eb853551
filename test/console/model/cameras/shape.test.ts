import { describe, expect, it } from "vitest";
import {
  beginDrawing,
  changeDrawing,
  crossesItself,
  sidesOfLine,
  type Drawing,
  type DrawingAction,
  type Point,
} from "../../../../console/model/cameras/index.ts";
import { sideOfLine } from "../../../../protocol/index.ts";

const SQUARE: readonly Point[] = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.8, 0.8],
  [0.2, 0.8],
];

function after(drawing: Drawing, ...actions: readonly DrawingAction[]): Drawing {
  return actions.reduce(changeDrawing, drawing);
}

describe("a zone", () => {
  const empty = beginDrawing("zone", []);

  it("gets corners at its end until it is closed, which takes three", () => {
    const two = after(empty, { kind: "add", at: [0.1, 0.1] }, { kind: "add", at: [0.5, 0.1] });
    expect(after(two, { kind: "close" }).isOpen).toBe(true);
    const whole = after(two, { kind: "add", at: [0.5, 0.6] }, { kind: "close" });
    expect(whole).toMatchObject({ isOpen: false, selected: 2 });
    expect(whole.points).toHaveLength(3);
  });

  it("takes a click near an edge as a corner of that edge, and no other click", () => {
    const square = beginDrawing("zone", SQUARE);
    expect(after(square, { kind: "add", at: [0.5, 0.5] })).toBe(square);
    const five = after(square, { kind: "add", at: [0.79, 0.5] });
    expect(five.points[2]).toEqual([0.79, 0.5]);
    expect(five.selected).toBe(2);
    expect(after(square, { kind: "add", at: [0.19, 0.5] }).points[4]).toEqual([0.19, 0.5]);
  });

  it("keeps its corners inside the picture", () => {
    const moved = after(beginDrawing("zone", SQUARE), {
      ...{ kind: "nudge", corner: 0, by: [-0.5, 0.005] },
    });
    expect(moved.points[0]).toEqual([0, 0.205]);
  });

  it("undoes a drag in one step, and a press that moved nothing not at all", () => {
    const square = beginDrawing("zone", SQUARE);
    const dragged = after(
      square,
      { kind: "grab", corner: 1 },
      { kind: "drag", to: [0.7, 0.3] },
      { kind: "drag", to: [0.6, 0.4] },
    );
    expect(dragged.points[1]).toEqual([0.6, 0.4]);
    expect(after(dragged, { kind: "undo" }).points).toEqual(SQUARE);
    expect(after(square, { kind: "grab", corner: 1 }).past).toEqual([]);
  });

  it("puts a new corner halfway, and opens again when too few are left", () => {
    const triangle = beginDrawing("zone", SQUARE.slice(0, 3));
    expect(after(triangle, { kind: "insert", after: 2 }).points[3]).toEqual([0.5, 0.5]);
    const open = after(triangle, { kind: "remove", corner: 2 });
    expect(open).toMatchObject({ isOpen: true, selected: 1 });
    expect(after(open, { kind: "undo" })).toMatchObject({ isOpen: false, points: triangle.points });
  });

  it("never has more corners than the wire allows", () => {
    let drawing = beginDrawing("zone", []);
    for (let index = 0; index < 80; index++) {
      drawing = after(drawing, { kind: "add", at: [index / 80, 0.5] });
    }
    expect(drawing.points).toHaveLength(64);
  });

  it("is told from one whose edges cross", () => {
    const [a, b, c, d] = SQUARE as [Point, Point, Point, Point];
    expect(crossesItself(SQUARE)).toBe(false);
    expect(crossesItself([a, c, b, d])).toBe(true);
  });
});

describe("a line", () => {
  it("is whole with its second end, and takes no third", () => {
    const line = after(
      beginDrawing("line", []),
      { kind: "add", at: [0.1, 0.5] },
      { kind: "add", at: [0.9, 0.5] },
    );
    expect(line.isOpen).toBe(false);
    expect(after(line, { kind: "add", at: [0.5, 0.5] })).toBe(line);
    expect(after(line, { kind: "insert", after: 0 })).toBe(line);
    expect(after(line, { kind: "flip" }).points[0]).toEqual([0.9, 0.5]);
  });

  it("has its sides where the rules see them, whichever way it runs", () => {
    for (const angle of [0, 1, 2, 3, 4, 5, 6]) {
      const ends: [Point, Point] = [
        [0.5, 0.5],
        [0.5 + 0.3 * Math.cos(angle), 0.5 + 0.3 * Math.sin(angle)],
      ];
      const { left, right } = sidesOfLine(ends, 16 / 9);
      expect(sideOfLine(...ends, right)).toBeGreaterThan(0);
      expect(sideOfLine(...ends, left)).toBeLessThan(0);
    }
  });
});
