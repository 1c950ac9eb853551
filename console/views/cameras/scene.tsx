/** A camera's picture, or a grid in its place, with what is drawn over it. */
import { useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { sidesOfLine, type Point } from "../../model/cameras/index.ts";
import { useWords } from "./context.tsx";

/** One drawn field of one rule. */
export interface SceneShape {
  readonly key: string;
  /** The rule's place in the list beside the picture. */
  readonly number: number;
  readonly shape: "zone" | "line";
  readonly points: readonly Point[];
  /** Of a line: which way counts, or its own way. */
  readonly way: LineWay | null;
  readonly isPaused: boolean;
  readonly isDimmed: boolean;
}

export type LineWay = "left-to-right" | "right-to-left" | "both" | "in-out" | "along";

/** Height of the drawing's own coordinates; its width follows from the picture. */
export const SCENE_HEIGHT = 1000;

export interface SceneSize {
  readonly width: number;
  readonly height: number;
}

interface SceneProps {
  readonly size: SceneSize;
  readonly pictureUrl: string | null;
  readonly pictureAlt: string;
  readonly shapes: readonly SceneShape[];
  /** Says what is drawn; null while the drawing itself is being changed. */
  readonly label: string | null;
  readonly marks?: ReactNode;
  readonly children?: ReactNode;
}

/** `children` are drawn on top, in the same coordinates, and may take the pointer. */
export function Scene(props: SceneProps) {
  const words = useWords();
  const { size, pictureUrl, pictureAlt, shapes, label, marks, children } = props;
  const [broken, setBroken] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const unit = useUnit(box);
  const hasPicture = pictureUrl !== null && broken !== pictureUrl;
  const width = widthOf(size);
  return (
    <div
      className="scene"
      ref={box}
      style={{ aspectRatio: `${size.width} / ${size.height}` }}
      data-picture={hasPicture}
    >
      {hasPicture ? (
        <img src={pictureUrl} alt={pictureAlt} onError={() => setBroken(pictureUrl)} />
      ) : (
        <Grid width={width} />
      )}
      <svg
        className="scene-shapes"
        viewBox={`0 0 ${width} ${SCENE_HEIGHT}`}
        role={label === null ? undefined : "img"}
        aria-label={label ?? undefined}
        aria-hidden={label === null ? true : undefined}
      >
        {shapes.map(({ key, ...shape }) => (
          <ShapeMark key={key} {...shape} width={width} unit={unit} />
        ))}
        {marks}
      </svg>
      {children}
      {pictureUrl !== null && broken === pictureUrl && (
        <p className="scene-note">{words("picture.broken")}</p>
      )}
    </div>
  );
}

export function widthOf({ width, height }: SceneSize): number {
  return Math.round((SCENE_HEIGHT * width) / height);
}

/** How many of the drawing's units make one pixel of the screen. */
export function useUnit(box: RefObject<HTMLElement | SVGElement | null>): number {
  const [unit, setUnit] = useState(2);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    const measure = (): void => {
      const { height } = element.getBoundingClientRect();
      setUnit(height > 0 ? SCENE_HEIGHT / height : 2);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return unit;
}

/** Tenths of the picture: places can be found without one. */
function Grid({ width }: { readonly width: number }) {
  const tenths = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  return (
    <svg className="scene-grid" viewBox={`0 0 ${width} ${SCENE_HEIGHT}`} aria-hidden="true">
      {tenths.map((tenth) => (
        <g key={tenth} data-middle={tenth === 5}>
          <path d={`M${(width * tenth) / 10} 0V${SCENE_HEIGHT}`} />
          <path d={`M0 ${tenth * 100}H${width}`} />
        </g>
      ))}
    </svg>
  );
}

interface ShapeMarkProps extends Omit<SceneShape, "key"> {
  readonly width: number;
  readonly unit: number;
}

function ShapeMark({
  number,
  shape,
  points,
  way,
  isPaused,
  isDimmed,
  width,
  unit,
}: ShapeMarkProps) {
  const first = points[0];
  if (first === undefined) {
    return null;
  }
  const at = ([x, y]: Point): string => `${x * width} ${y * SCENE_HEIGHT}`;
  const inside = (place: number, end: number): number =>
    Math.min(end - 10 * unit, Math.max(10 * unit, place));
  return (
    <g
      className="shape"
      data-tone={(number - 1) % 6}
      data-paused={isPaused}
      data-dimmed={isDimmed}
      data-shape={shape}
    >
      <path d={`M${points.map(at).join("L")}${shape === "zone" ? "Z" : ""}`} />
      {way !== null && points.length === 2 && (
        <WayMark
          ends={[points[0] as Point, points[1] as Point]}
          way={way}
          width={width}
          unit={unit}
        />
      )}
      <g
        className="shape-number"
        transform={`translate(${inside(first[0] * width, width)} ${inside(first[1] * SCENE_HEIGHT, SCENE_HEIGHT)}) scale(${unit})`}
      >
        <circle r="9" />
        <text dy="4">{number}</text>
      </g>
    </g>
  );
}

interface WayMarkProps {
  readonly ends: readonly [Point, Point];
  readonly way: LineWay;
  readonly width: number;
  readonly unit: number;
}

/** An arrow across the line where crossing counts, with the names of both sides. */
export function WayMark({ ends, way, width, unit }: WayMarkProps) {
  const words = useWords();
  const { left, right, middle } = sidesOfLine(ends, width / SCENE_HEIGHT);
  const [from, to] = ends;
  if (way === "along") {
    return <Arrow from={from} to={to} width={width} unit={unit} />;
  }
  return (
    <g className="way">
      {way !== "right-to-left" && <Arrow from={middle} to={right} width={width} unit={unit} />}
      {way !== "left-to-right" && <Arrow from={middle} to={left} width={width} unit={unit} />}
      <SideName at={left} beyond={middle} width={width} unit={unit}>
        {words(way === "in-out" ? "side.out" : "side.left")}
      </SideName>
      <SideName at={right} beyond={middle} width={width} unit={unit}>
        {words(way === "in-out" ? "side.in" : "side.right")}
      </SideName>
    </g>
  );
}

interface ArrowProps {
  readonly from: Point;
  readonly to: Point;
  readonly width: number;
  readonly unit: number;
}

function Arrow({ from, to, width, unit }: ArrowProps) {
  const [x1, y1, x2, y2] = [
    from[0] * width,
    from[1] * SCENE_HEIGHT,
    to[0] * width,
    to[1] * SCENE_HEIGHT,
  ];
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  return (
    <g className="arrow">
      <path d={`M${x1} ${y1}L${x2} ${y2}`} />
      <path
        className="arrow-head"
        d="M0 0-11-6V6Z"
        transform={`translate(${x2} ${y2}) rotate(${angle}) scale(${unit})`}
      />
    </g>
  );
}

interface SideNameProps {
  readonly at: Point;
  readonly beyond: Point;
  readonly width: number;
  readonly unit: number;
  readonly children: string;
}

/** A little further out than the arrow's tip, and inside of the picture. */
function SideName({ at, beyond, width, unit, children }: SideNameProps) {
  const out: Point = [beyond[0] + (at[0] - beyond[0]) * 1.7, beyond[1] + (at[1] - beyond[1]) * 1.7];
  const x = Math.min(0.96, Math.max(0.04, out[0])) * width;
  const y = Math.min(0.96, Math.max(0.05, out[1])) * SCENE_HEIGHT;
  return (
    <text className="side-name" transform={`translate(${x} ${y}) scale(${unit})`} dy="4">
      {children}
    </text>
  );
}
