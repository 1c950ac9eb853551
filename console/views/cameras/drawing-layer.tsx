/** Drawing over the picture: with the pointer, and by keys on every corner. */
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { fewestCorners, isWhole, type Drawing, type Point } from "../../model/cameras/index.ts";
import { useWords } from "./context.tsx";
import { SCENE_HEIGHT, useUnit, WayMark, widthOf, type LineWay, type SceneSize } from "./scene.tsx";
import type { UsedDrawing } from "./use-drawing.ts";

interface DrawingLayerProps {
  readonly used: UsedDrawing;
  readonly size: SceneSize;
  readonly way: LineWay | null;
  /** "Zone of rule gate-west". */
  readonly label: string;
  readonly onSay: (text: string) => void;
}

/** One press of an arrow key, in picture fractions; with shift, ten of them. */
const NUDGE = 0.005;
const NUDGES: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function DrawingLayer({ used, size, way, label, onSay }: DrawingLayerProps) {
  const words = useWords();
  const { drawing, act } = used;
  const layer = useRef<SVGSVGElement>(null);
  const unit = useUnit(layer);
  const width = widthOf(size);
  const [pointer, setPointer] = useState<Point | null>(null);
  const pointing = usePointer(used, layer, setPointer);
  const keys = useCornerKeys(used, layer, onSay);
  const at = ([x, y]: Point): string => `${x * width} ${y * SCENE_HEIGHT}`;
  const { points, isOpen, kind, selected } = drawing;
  const path = `M${points.map(at).join("L")}${kind === "zone" && !isOpen ? "Z" : ""}`;
  const last = points.at(-1);
  return (
    <svg
      ref={layer}
      className="drawing-layer"
      viewBox={`0 0 ${width} ${SCENE_HEIGHT}`}
      role="group"
      aria-label={label}
      data-open={isOpen}
      {...pointing}
      onKeyDown={keys}
    >
      <rect className="drawing-ground" width={width} height={SCENE_HEIGHT} />
      {points.length > 0 && <path className="drawing-path" d={path} />}
      {isOpen && last !== undefined && pointer !== null && (
        <path className="drawing-next" d={`M${at(last)}L${at(pointer)}`} />
      )}
      {way !== null && points.length === 2 && (
        <WayMark
          ends={[points[0] as Point, points[1] as Point]}
          way={way}
          width={width}
          unit={unit}
        />
      )}
      {points.map((point, index) => (
        <g
          // A corner is where it is in the row of corners.
          key={index}
          className="corner"
          role="button"
          tabIndex={0}
          data-corner={index}
          data-selected={selected === index}
          aria-roledescription={words("draw.corner")}
          aria-label={words("draw.cornerAt", cornerWords(drawing, index))}
          transform={`translate(${at(point)}) scale(${unit})`}
          onFocus={() => act({ kind: "select", corner: index })}
        >
          <circle className="corner-reach" r="13" />
          <circle className="corner-dot" r="6" />
          <text y="-12">{index + 1}</text>
        </g>
      ))}
    </svg>
  );
}

export function cornerWords({ points }: Drawing, index: number) {
  const [x, y] = points[index] ?? [0, 0];
  return { number: index + 1, count: points.length, x: percentOf(x), y: percentOf(y) };
}

/** In per cent, with two decimals where there are any. */
export function percentOf(fraction: number): number {
  return Math.round(fraction * 10_000) / 100;
}

function usePointer(
  { drawing, act }: UsedDrawing,
  layer: React.RefObject<SVGSVGElement | null>,
  onPointer: (at: Point | null) => void,
) {
  const dragged = useRef<number | null>(null);
  const placeOf = (event: { readonly clientX: number; readonly clientY: number }): Point => {
    const box = layer.current?.getBoundingClientRect();
    return box === undefined
      ? [0, 0]
      : [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const cornerOf = (target: EventTarget): number | null => {
    const corner = (target as Element).closest<SVGGElement>("[data-corner]");
    return corner === null ? null : Number(corner.dataset["corner"]);
  };
  return {
    onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
      const corner = cornerOf(event.target);
      if (event.button !== 0) {
        return;
      }
      event.preventDefault();
      if (corner === null) {
        const before = drawing.points.length;
        const next = act({ kind: "add", at: placeOf(event) });
        if (next.points.length > before && next.selected !== null) {
          focusCorner(layer.current, next.selected);
        }
        return;
      }
      if (corner === 0 && drawing.isOpen && isWhole(drawing)) {
        act({ kind: "close" });
      }
      focusCorner(layer.current, corner);
      act({ kind: "grab", corner });
      dragged.current = corner;
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
      if (dragged.current !== null) {
        act({ kind: "drag", to: placeOf(event) });
      } else if (drawing.isOpen) {
        onPointer(placeOf(event));
      }
    },
    onPointerUp: () => {
      dragged.current = null;
    },
    onPointerCancel: () => {
      dragged.current = null;
    },
    onPointerLeave: () => onPointer(null),
    onDoubleClick: () => act({ kind: "close" }),
  };
}

/** After the rendering that brings the corner. */
function focusCorner(layer: SVGSVGElement | null, corner: number): void {
  requestAnimationFrame(() => {
    layer?.querySelector<SVGGElement>(`[data-corner="${corner}"]`)?.focus({ preventScroll: true });
  });
}

function useCornerKeys(
  { drawing, act }: UsedDrawing,
  layer: React.RefObject<SVGSVGElement | null>,
  onSay: (text: string) => void,
) {
  const words = useWords();
  return (event: KeyboardEvent<SVGSVGElement>): void => {
    const corner = (event.target as Element).closest<SVGGElement>("[data-corner]");
    const index = Number(corner?.dataset["corner"] ?? -1);
    if (event.ctrlKey || event.metaKey || event.altKey || index < 0) {
      return;
    }
    const done = keyStep(event, index, { drawing, act });
    if (done === null) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const { drawing: next, said } = done;
    if (next.selected !== null) {
      focusCorner(layer.current, next.selected);
    }
    onSay(words(`draw.${said}`, cornerWords(next, next.selected ?? 0)));
  };
}

type Said = "moved" | "added" | "removed" | "undone" | "closed" | "few";

/** Null for a key that means nothing here. */
function keyStep(
  event: KeyboardEvent,
  corner: number,
  { drawing, act }: UsedDrawing,
): { readonly drawing: Drawing; readonly said: Said } | null {
  const way = NUDGES[event.key];
  if (way !== undefined) {
    const step = event.shiftKey ? NUDGE * 10 : NUDGE;
    const by: Point = [way[0] * step, way[1] * step];
    return { drawing: act({ kind: "nudge", corner, by }), said: "moved" };
  }
  switch (event.key) {
    case "Insert":
    case "+":
      return { drawing: act({ kind: "insert", after: corner }), said: "added" };
    case "Delete":
    case "Backspace":
      return { drawing: act({ kind: "remove", corner }), said: "removed" };
    case "Escape":
      return { drawing: act({ kind: "undo" }), said: "undone" };
    case "Enter": {
      const next = act({ kind: "close" });
      const isFew = drawing.points.length < fewestCorners(drawing.kind);
      return { drawing: next, said: isFew ? "few" : "closed" };
    }
    default:
      return null;
  }
}
