/** Below the picture: what may be done to the drawing, and its corners as figures. */
import { useTranslation } from "react-i18next";
import {
  crossesItself,
  isWhole,
  type DrawingAction,
  type DrawnField,
  type Point,
} from "../../model/cameras/index.ts";
import { percentOf } from "./drawing-layer.tsx";
import { useWords } from "./context.tsx";
import type { UsedDrawing } from "./use-drawing.ts";

interface DrawingToolsProps {
  readonly field: DrawnField;
  readonly used: UsedDrawing;
  readonly said: string;
}

export function DrawingTools({ field, used, said }: DrawingToolsProps) {
  const words = useWords();
  const { drawing } = used;
  const { points, kind, isOpen } = drawing;
  return (
    <div className="drawing-tools">
      <Buttons field={field} used={used} />
      <p className="muted">
        {isOpen
          ? words(kind === "zone" ? "draw.hintZone" : "draw.hintLine")
          : words("draw.hintDone")}
      </p>
      {kind === "zone" && !isOpen && crossesItself(points) && (
        <p className="form-error" role="alert">
          {words("draw.crosses")}
        </p>
      )}
      {points.length > 0 && <Corners used={used} />}
      <details className="key-list">
        <summary>{words("draw.keys")}</summary>
        <KeyList />
      </details>
      <p className="sr-only" aria-live="polite">
        {said}
      </p>
    </div>
  );
}

function Buttons({ field, used }: Pick<DrawingToolsProps, "field" | "used">) {
  const words = useWords();
  const { drawing, act } = used;
  const { points, isOpen, kind } = drawing;
  const buttons: readonly (readonly [string, DrawingAction, boolean])[] = [
    [words("draw.start"), { kind: "start" }, points.length === 0],
    [words("draw.close"), { kind: "close" }, isOpen && isWhole(drawing)],
    [words("draw.flip"), { kind: "flip" }, kind === "line" && points.length === 2],
    [words("draw.undo"), { kind: "undo" }, drawing.past.length > 0],
    [words(field.isRequired ? "draw.clear" : "draw.whole"), { kind: "clear" }, points.length > 0],
  ];
  return (
    <p className="buttons">
      {buttons
        .filter(([, , isShown]) => isShown)
        .map(([text, action]) => (
          <button
            key={text}
            type="button"
            className="button button-small"
            onClick={() => act(action)}
          >
            {text}
          </button>
        ))}
    </p>
  );
}

function Corners({ used }: { readonly used: UsedDrawing }) {
  const words = useWords();
  const { drawing, act } = used;
  return (
    <fieldset className="corners">
      <legend>{words("draw.corners")}</legend>
      <ol>
        {drawing.points.map((point, index) => (
          <li key={index} data-selected={drawing.selected === index}>
            <span className="corner-number" aria-hidden="true">
              {index + 1}
            </span>
            <Axis used={used} index={index} axis={0} point={point} />
            <Axis used={used} index={index} axis={1} point={point} />
            {drawing.kind === "zone" && (
              <button
                type="button"
                className="icon-button"
                aria-label={words("draw.addAfter", { number: index + 1 })}
                title={words("draw.addAfter", { number: index + 1 })}
                onClick={() => act({ kind: "insert", after: index })}
              >
                +
              </button>
            )}
            <button
              type="button"
              className="icon-button"
              aria-label={words("draw.removeCorner", { number: index + 1 })}
              title={words("draw.removeCorner", { number: index + 1 })}
              onClick={() => act({ kind: "remove", corner: index })}
            >
              −
            </button>
          </li>
        ))}
      </ol>
    </fieldset>
  );
}

interface AxisProps {
  readonly used: UsedDrawing;
  readonly index: number;
  readonly axis: 0 | 1;
  readonly point: Point;
}

function Axis({ used, index, axis, point }: AxisProps) {
  const words = useWords();
  const { act } = used;
  const place = (text: string): void => {
    const fraction = Number(text) / 100;
    if (text.trim() === "" || Number.isNaN(fraction)) {
      return;
    }
    const at: Point = axis === 0 ? [fraction, point[1]] : [point[0], fraction];
    act({ kind: "place", corner: index, at });
  };
  return (
    <label>
      <span aria-hidden="true">{axis === 0 ? "x" : "y"}</span>
      <input
        type="number"
        min={0}
        max={100}
        step={0.5}
        value={percentOf(point[axis])}
        aria-label={words(axis === 0 ? "draw.left" : "draw.top", { number: index + 1 })}
        onChange={(event) => place(event.target.value)}
      />
      <span aria-hidden="true">%</span>
    </label>
  );
}

const KEYS = [
  ["Tab", "tab"],
  ["← ↑ ↓ →", "arrows"],
  ["Shift + ←", "shift"],
  ["Insert / +", "insert"],
  ["Delete", "delete"],
  ["Enter", "enter"],
  ["Esc", "escape"],
] as const;

function KeyList() {
  const words = useWords();
  const { i18n } = useTranslation();
  return (
    <dl className="keys" lang={i18n.language}>
      {KEYS.map(([key, name]) => (
        <div key={name}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{words(`draw.key.${name}`)}</dd>
        </div>
      ))}
    </dl>
  );
}
