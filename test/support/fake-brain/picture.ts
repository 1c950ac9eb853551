/** A drawn street scene with one marked walker: a picture that belongs to nobody. */
import sharp from "sharp";

export async function drawSnapshot(seed: number): Promise<Buffer> {
  const x = 180 + ((seed * 97) % 560);
  const walker = (cx: number, foot: number, height: number): string =>
    `<g fill="#2b3a44"><circle cx="${cx}" cy="${foot - height * 0.9}" r="${height * 0.09}"/>` +
    `<rect x="${cx - height * 0.13}" y="${foot - height * 0.8}" width="${height * 0.26}" ` +
    `height="${height * 0.8}" rx="${height * 0.1}"/></g>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540">
    <rect width="960" height="540" fill="#8fa2ad"/>
    <rect y="210" width="960" height="330" fill="#6d7a80"/>
    <path d="M0 540 L360 210 H600 L960 540Z" fill="#59646a"/>
    <path d="M470 540 L478 210 h6 L500 540Z" fill="#c9d0d3"/>
    <g fill="#4c5a57"><circle cx="90" cy="190" r="70"/><circle cx="860" cy="170" r="86"/></g>
    ${walker(x, 430, 150)}${walker(((x * 3) % 800) + 60, 320, 80)}
    <rect x="${x - 34}" y="268" width="68" height="170" fill="none" stroke="#ff4a3d" stroke-width="4"/>
    <rect x="${x - 34}" y="244" width="104" height="24" fill="#ff4a3d"/>
    <text x="${x - 28}" y="262" font-family="sans-serif" font-size="17" fill="#fff">person .87</text>
  </svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 82 }).toBuffer();
}
