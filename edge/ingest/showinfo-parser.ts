/** What one line of FFmpeg's `showinfo` filter says about a frame. */
export interface ShowinfoFrame {
  /** Position in this filter graph, from 0; a new graph (the picture changed) starts again. */
  readonly n: number;
  /** Seconds; undefined for NOPTS. */
  readonly ptsS: number | undefined;
  readonly width: number;
  readonly height: number;
}

/**
 * One per frame, printed before the frame leaves the graph:
 * `[Parsed_showinfo_3 @ 0x5] [info] n:   0 pts:  0 pts_time:0 pos: 48 fmt:yuv420p sar:0/1 s:400x300 …`
 */
const LINE =
  /^\[Parsed_showinfo_\d+ @ [^\]]+\] (?:\[info\] )?n: *(\d+) pts: *\S+ pts_time: *(\S+) .*? s:(\d+)x(\d+) /;

/** Undefined for every other line, whatever it holds. */
export function parseShowinfo(line: string): ShowinfoFrame | undefined {
  const match = LINE.exec(line);
  if (match === null) {
    return undefined;
  }
  const [, n, pts, width, height] = match;
  const ptsS = Number(pts);
  return {
    n: Number(n),
    ptsS: Number.isFinite(ptsS) ? ptsS : undefined,
    width: Number(width),
    height: Number(height),
  };
}
