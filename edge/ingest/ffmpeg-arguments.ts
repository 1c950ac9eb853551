import type { CameraConfig } from "../../config/index.ts";

/** What of a camera decides how it is decoded. */
export type DecodeOptions = Pick<
  CameraConfig,
  "source" | "transport" | "maxFps" | "maxWidth" | "decode"
>;

/** Gives up a dead connection by itself even when nobody is left to kill the process. */
const SOCKET_TIMEOUT_US = 5_000_000;

/**
 * The least FFmpeg accepts: the decoder finds size and format in the first key frame anyway, while
 * half a second of analysis delays the first picture by 0.65 s (measured over RTSP). What is read
 * while probing is kept and decoded at once; `-fflags nobuffer` would throw it away, the first key
 * frame with it, and the first picture would wait for the next one.
 */
const PROBE = ["-analyzeduration", "0", "-probesize", "32", "-fpsprobesize", "0"];

/** What everyone who reads the pixels counts on; full-range and HD sources are converted. */
const LIMITED_BT601 = "out_color_matrix=bt601:out_range=tv";

/** Other protocols do not announce their format; it has to be found in the data. */
const OTHER_PROBE = ["-analyzeduration", "1000000"];

export function isUrl(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source);
}

export function isRtspUrl(source: string): boolean {
  return /^rtsps?:/i.test(source);
}

/**
 * FFmpeg 5.1: one camera to I420 pictures on stdout, and one `showinfo` line per picture, in the
 * same order, on stderr. Nothing between socket and pipe holds a picture back.
 */
export function ffmpegArguments(options: DecodeOptions): string[] {
  return [
    "-hide_banner",
    "-nostdin",
    "-nostats",
    // `repeat` keeps equal lines apart, `level` tells errors from the rest; showinfo needs `info`.
    ...["-loglevel", "repeat+level+info"],
    ...decoding(options.decode),
    ...(isUrl(options.source) ? liveInput(options) : fileInput(options.source)),
    ...["-map", "0:v:0", "-an", "-sn", "-dn"],
    ...["-vf", filters(options)],
    // The rawvideo encoder works on a thread per core otherwise, and holds a frame for each.
    ...["-threads", "1", "-filter_threads", "1"],
    // No duplicating, dropping or waiting to make the rate constant.
    ...["-fps_mode", "passthrough"],
    // A picture that changes its size keeps its new one; showinfo tells it.
    ...["-autoscale", "0"],
    ...["-f", "rawvideo", "-pix_fmt", "yuv420p", "-flush_packets", "1", "pipe:1"],
  ];
}

/**
 * A decoder of hardware hands its pictures back to main memory. Where it cannot take a stream FFmpeg
 * decodes that in software; where its device is missing FFmpeg ends, except for `auto`.
 */
function decoding({ mode, hwaccel, device }: DecodeOptions["decode"]): string[] {
  return [
    ...(hwaccel === "none" ? [] : ["-hwaccel", hwaccel]),
    // Quick Sync alone would keep its pictures on the device.
    ...(hwaccel === "qsv" ? ["-hwaccel_output_format", "nv12"] : []),
    ...(hwaccel === "none" || device === undefined ? [] : ["-hwaccel_device", device]),
    ...(mode === "keyframes" ? ["-skip_frame", "nokey"] : []),
  ];
}

function liveInput({ source, transport }: DecodeOptions): string[] {
  return [
    ...(isRtspUrl(source) ? rtspOptions(transport) : OTHER_PROBE),
    ...["-flags", "low_delay", "-threads", "1"],
    ...["-i", source],
  ];
}

function rtspOptions(transport: DecodeOptions["transport"]): string[] {
  return [
    ...["-rtsp_transport", transport, "-timeout", String(SOCKET_TIMEOUT_US)],
    // Audio is never set up, so it costs no bandwidth and cannot shift the time line.
    ...["-allowed_media_types", "video"],
    ...PROBE,
  ];
}

/** At its own speed, for ever; timestamps go on ascending over the loop. */
function fileInput(source: string): string[] {
  // `file:` keeps a name with a colon from being taken for a protocol.
  return ["-re", "-stream_loop", "-1", "-threads", "1", "-i", `file:${source}`];
}

/** The scaler copies planes where size, matrix and range are right already. */
function filters({ maxFps, maxWidth }: DecodeOptions): string {
  const evenWidth = maxWidth - (maxWidth % 2);
  return [
    rateLimit(maxFps),
    `scale=w='min(${evenWidth},trunc(iw/2)*2)':h=-2:flags=bilinear:${LIMITED_BT601}`,
    "format=yuv420p",
    "showinfo=checksum=0",
  ].join(",");
}

/**
 * Passes a frame as soon as it is due and at most `maxFps` of them per second of the stream. The
 * `fps` filter would hold each frame until the next one shows which is nearer. Register 0 is the
 * time when the next frame is due; a quarter of a period of earliness is allowed, so that a camera
 * of exactly `maxFps` loses nothing to jitter, and the debt is kept, so that 25 gives 10 and not
 * 8.3. A frame without time passes; a time line that went back starts anew.
 */
function rateLimit(maxFps: number): string {
  const period = 1 / maxFps;
  const wentBack = `lt(t,ld(0)-${seconds(period * 2)})`;
  const isDue = `gte(t,ld(0)-${seconds(period / 4)})`;
  const due = `if(${wentBack},t,ld(0))+${seconds(period)}`;
  const next = `max(${due},t+${seconds(period / 2)})`;
  return `select='if(isnan(t),1,if(${isDue}+${wentBack},st(0,${next})*0+1,0))'`;
}

function seconds(value: number): string {
  return value.toFixed(6);
}
