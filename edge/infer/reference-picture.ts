/** A drawn street scene, the same on every machine: something to find for a detector under test. */
import sharp from "sharp";

const WIDTH = 640;
const HEIGHT = 360;

export interface ReferencePicture {
  /** I420 in memory that can be posted to workers. */
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly width: number;
  readonly height: number;
}

export async function drawReferencePicture(): Promise<ReferencePicture> {
  const people = [60, 170, 285, 400, 520].map((x, index) => person(x, 90 + 12 * index, 1.2));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <rect width="${WIDTH}" height="140" fill="#9fb6c9"/>
    <rect y="140" width="${WIDTH}" height="220" fill="#6d6f70"/>${people.join("")}</svg>`;
  const rgb = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
  return toI420(rgb);
}

/** Head, hair, trunk, arms and legs in proportion; enough for a COCO detector to say "person". */
function person(x: number, y: number, scale: number): string {
  return `<g transform="translate(${x} ${y}) scale(${scale})">
    <ellipse cx="20" cy="12" rx="8" ry="10" fill="#d9a689"/><path d="M12 10a8 9 0 0 1 16 0z" fill="#2b1d14"/>
    <path d="M8 26q12-6 24 0l3 38h-30z" fill="#28487a"/>
    <path d="M8 28l-6 34 4 2 8-28zM32 28l6 34-4 2-8-28z" fill="#223d68"/>
    <path d="M6 62h28l-2 62h-9l-3-46-3 46h-9z" fill="#23262b"/>
    <path d="M6 122h12v6h-14zM22 122h12l2 6h-14z" fill="#111"/></g>`;
}

/** Limited-range BT.601, as the decoders give it; one chroma sample per 2×2 block, from its corner. */
function toI420(rgb: Uint8Array): ReferencePicture {
  const buffer = new SharedArrayBuffer((WIDTH * HEIGHT * 3) / 2);
  const planes = new Uint8Array(buffer);
  const chroma = WIDTH * HEIGHT;
  const quarter = chroma / 4;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const at = (y * WIDTH + x) * 3;
      const [r = 0, g = 0, b = 0] = [rgb[at], rgb[at + 1], rgb[at + 2]];
      planes[y * WIDTH + x] = Math.round(16 + 0.257 * r + 0.504 * g + 0.098 * b);
      if (y % 2 === 0 && x % 2 === 0) {
        const to = chroma + (y / 2) * (WIDTH / 2) + x / 2;
        planes[to] = Math.round(128 - 0.148 * r - 0.291 * g + 0.439 * b);
        planes[to + quarter] = Math.round(128 + 0.439 * r - 0.368 * g - 0.071 * b);
      }
    }
  }
  return { buffer, byteOffset: 0, width: WIDTH, height: HEIGHT };
}
