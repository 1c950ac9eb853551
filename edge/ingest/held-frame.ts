/** Rates a camera can have; a timescale such as 90k is printed in the same place. */
const MIN_FPS = 1;
const MAX_FPS = 120;

/** `[info]   Stream #0:0: Video: h264 (High), yuv420p(progressive), 768x576, 10 fps, 10 tbr, 90k tbn` */
const LINE = /^(?:\[info\] )?\s*Stream #0:\d+.*: Video: (h264|hevc)\b.*?, ([\d.]+) (?:fps|tbr)\b/;

/**
 * How long FFmpeg's RTSP demuxer holds each picture. It ignores the RTP marker and lets the
 * H.264/H.265 parser find the end of a picture in the beginning of the next one, so every picture
 * comes one frame interval late (measured with 5.1: 101–104 ms at 10 fps, TCP and UDP alike).
 * @param line one line of its description of the input.
 * @returns milliseconds, or undefined for every other line or where the rate is unknown.
 */
export function parseHeldMs(line: string): number | undefined {
  const fps = Number(LINE.exec(line)?.[2]);
  return fps >= MIN_FPS && fps <= MAX_FPS ? 1000 / fps : undefined;
}
