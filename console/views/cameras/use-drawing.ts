/** One drawing under change; its corners go to the draft as they change. */
import { useCallback, useRef, useState } from "react";
import {
  beginDrawing,
  changeDrawing,
  type Drawing,
  type DrawingAction,
  type Point,
  type ShapeKind,
} from "../../model/cameras/index.ts";

export interface UsedDrawing {
  readonly drawing: Drawing;
  /** Gives the drawing after the action. */
  readonly act: (action: DrawingAction) => Drawing;
}

export function useDrawing(
  shape: ShapeKind,
  points: readonly Point[],
  onChange: (points: readonly Point[]) => void,
): UsedDrawing {
  const [drawing, setDrawing] = useState(() => beginDrawing(shape, points));
  // Several moves of a pointer may come between two renderings.
  const latest = useRef(drawing);
  const act = useCallback(
    (action: DrawingAction): Drawing => {
      const before = latest.current;
      const next = changeDrawing(before, action);
      if (next !== before) {
        latest.current = next;
        setDrawing(next);
        if (next.points !== before.points) {
          onChange(next.points);
        }
      }
      return next;
    },
    [onChange],
  );
  return { drawing, act };
}
