/** What is drawn onto a snapshot, as SVG in pixels of the picture: no text, so no fonts are needed. */
import type { BoxNorm, PointNorm } from "../../protocol/index.ts";

export interface Overlay {
  /** The object the alarm is about. */
  readonly subject?: BoxNorm | undefined;
  /** Other objects seen in the same frame. */
  readonly others: readonly BoxNorm[];
  /** The rule's zone or line. */
  readonly shape?:
    | { readonly kind: "zone" | "line"; readonly points: readonly PointNorm[] }
    | undefined;
}

const SUBJECT_COLOUR = "#ff3b30";
const OTHER_COLOUR = "#ffd60a";
const SHAPE_COLOUR = "#0a84ff";

export function overlaySvg(overlay: Overlay, width: number, height: number): string {
  const stroke = Math.max(1, Math.round(width / 320));
  const { shape, subject } = overlay;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`,
    shape === undefined ? "" : outline(shape, width, height, stroke),
    ...overlay.others.map((box) => rectangle(box, width, height, OTHER_COLOUR, stroke)),
    subject === undefined ? "" : rectangle(subject, width, height, SUBJECT_COLOUR, stroke * 2),
    "</svg>",
  ].join("");
}

function outline(
  shape: NonNullable<Overlay["shape"]>,
  width: number,
  height: number,
  stroke: number,
): string {
  const points = shape.points.map(([x, y]) => `${round(x * width)},${round(y * height)}`).join(" ");
  const element =
    shape.kind === "zone"
      ? `<polygon points="${points}" fill="${SHAPE_COLOUR}" fill-opacity="0.12"`
      : `<polyline points="${points}" fill="none"`;
  return `${element} stroke="${SHAPE_COLOUR}" stroke-width="${stroke}"/>`;
}

function rectangle(
  box: BoxNorm,
  width: number,
  height: number,
  colour: string,
  stroke: number,
): string {
  return (
    `<rect x="${round(box.left * width)}" y="${round(box.top * height)}" ` +
    `width="${round(box.width * width)}" height="${round(box.height * height)}" ` +
    `fill="none" stroke="${colour}" stroke-width="${stroke}"/>`
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
