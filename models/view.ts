/** Which part of a picture a model looks at, and how large that part becomes in its input. */
import type { BoxNorm } from "../protocol/index.ts";
import type { ManifestInput } from "./manifest.ts";

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** One look of a model at a picture. */
export interface View {
  /** Top, left, bottom and right in pixels of the picture; even, as the colour planes are halves. */
  readonly region: readonly [number, number, number, number];
  /** Height and width of the model's input in pixels. */
  readonly size: readonly [number, number];
  /** What it takes in relation to a look at the whole picture. */
  readonly cost: number;
}

/** A detector sees little without surroundings: no side of its input is shorter, in pixels. */
const MIN_SIDE = 128;
/** Keeps a product that is whole from falling off its number by rounding. */
const NUDGE = 1e-3;

/**
 * A model that takes any size looks at a region in the scale of a look at the whole picture, and
 * at as much of the surroundings as the steps of its size have room for. Others see the region as
 * large as their input, which costs as much as the whole picture.
 * @param region what has to be seen; the whole picture when left out
 */
export function viewOf(
  { input }: { readonly input: ManifestInput },
  picture: PictureSize,
  region?: BoxNorm,
): View {
  const { sizeStep } = input;
  const whole = { top: 0, left: 0, bottom: picture.height, right: picture.width };
  const size = fullSizeOf(input, picture);
  const full: View = { region: [0, 0, picture.height, picture.width], size, cost: 1 };
  if (region === undefined) {
    return full;
  }
  const pixels = pixelsOf(region, picture);
  if (sizeStep === undefined) {
    const { top, left, bottom, right } = grown(pixels, size, 1, whole);
    return { region: [top, left, bottom, right], size, cost: 1 };
  }
  const scale = Math.min(input.width / picture.width, input.height / picture.height);
  const height = stepped((pixels.bottom - pixels.top) * scale, sizeStep, size[0]);
  const width = stepped((pixels.right - pixels.left) * scale, sizeStep, size[1]);
  if (height >= size[0] && width >= size[1]) {
    return full;
  }
  // Nothing is shown larger than it is.
  const { top, left, bottom, right } = grown(pixels, [height, width], Math.min(scale, 1), whole);
  return {
    region: [top, left, bottom, right],
    size: [height, width],
    cost: (height * width) / (size[0] * size[1]),
  };
}

/** The input that a whole picture needs: no more rows or columns than it covers, in steps. */
function fullSizeOf(input: ManifestInput, picture: PictureSize): readonly [number, number] {
  const { width, height, sizeStep, resize } = input;
  if (sizeStep === undefined || resize === "stretch") {
    return [height, width];
  }
  const scale = Math.min(width / picture.width, height / picture.height);
  return [
    stepped(picture.height * scale, sizeStep, height),
    stepped(picture.width * scale, sizeStep, width),
  ];
}

function stepped(lengthPx: number, step: number, most: number): number {
  const whole = Math.ceil((lengthPx - NUDGE) / step) * step;
  return Math.min(Math.max(whole, Math.ceil(MIN_SIDE / step) * step), most);
}

interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** The region in whole, even pixels, which hold it. */
function pixelsOf({ left, top, width, height }: BoxNorm, picture: PictureSize): Rectangle {
  const [x0, x1] = span(left * picture.width, (left + width) * picture.width, picture.width);
  const [y0, y1] = span(top * picture.height, (top + height) * picture.height, picture.height);
  return { top: y0, left: x0, bottom: y1, right: x1 };
}

function span(from: number, to: number, most: number): [number, number] {
  const start = Math.min(Math.max(Math.floor((from + NUDGE) / 2) * 2, 0), most - 2);
  const end = Math.min(Math.max(Math.ceil((to - NUDGE) / 2) * 2, start + 2), most);
  return [start, end];
}

/** Widened around its middle until it fills `size` at `scale`, as far as the picture reaches. */
function grown(
  { top, left, bottom, right }: Rectangle,
  [height, width]: readonly [number, number],
  scale: number,
  picture: Rectangle,
): Rectangle {
  const [y0, y1] = widened(top, bottom, height / scale, picture.bottom);
  const [x0, x1] = widened(left, right, width / scale, picture.right);
  return { top: y0, left: x0, bottom: y1, right: x1 };
}

function widened(from: number, to: number, length: number, most: number): [number, number] {
  const wanted = Math.min(Math.max(Math.floor(length / 2) * 2, to - from), most);
  const middle = Math.round((from + to - wanted) / 4) * 2;
  const start = Math.min(Math.max(middle, 0), most - wanted);
  return [start, start + wanted];
}
