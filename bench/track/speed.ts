/** How fast a tracker is, and whether it grows: the sequences over and over, on one core. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { TrackerFactory } from "./run.ts";
import type { Sequence } from "./sequence.ts";

export interface SpeedFigures {
  readonly frames: number;
  readonly detectionsPerFrame: number;
  /** By the time spent in updates. */
  readonly framesPerS: number;
  /** Of one update, ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of the heap after collection, from a tenth of the frames to the last, bytes. */
  readonly heapGrowth: number;
}

/** The first ones run before the code is compiled, and are not measured. */
const WARM_UP_FRAMES = 5000;

export function measureSpeed(
  factory: TrackerFactory,
  sequences: readonly Sequence[],
  frames: number,
): SpeedFigures {
  const collect = collector();
  const footage = endless(sequences);
  const tracker = factory({ ...(sequences[0] as Sequence) });
  const durations = new Float64Array(frames);
  const settled = Math.floor(frames / 10);
  let detections = 0;
  let heap = 0;
  let atMs = 0;
  for (let frame = -WARM_UP_FRAMES; frame < frames; frame++) {
    const [found, frameMs] = footage.next();
    atMs += frameMs;
    const startedMs = performance.now();
    tracker.update(Math.round(atMs), found);
    const tookMs = performance.now() - startedMs;
    if (frame >= 0) {
      durations[frame] = tookMs;
      detections += found.length;
    }
    if (frame === settled) {
      heap = collect();
    }
  }
  const heapGrowth = collect() - heap;
  const total = durations.reduce((sum, ms) => sum + ms, 0);
  durations.sort();
  const at = (share: number): number =>
    durations[Math.max(0, Math.ceil(share * frames) - 1)] as number;
  return {
    frames,
    detectionsPerFrame: detections / frames,
    framesPerS: (frames / total) * 1000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    heapGrowth,
  };
}

/** Detections of a frame, and the time since the frame before it. */
function endless(sequences: readonly Sequence[]): {
  next(): readonly [Sequence["detections"][number], number];
} {
  let [sequence, frame] = [0, -1];
  return {
    next() {
      frame += 1;
      if (frame === sequences[sequence]?.detections.length) {
        sequence = (sequence + 1) % sequences.length;
        frame = 0;
      }
      const { detections, framesPerSecond } = sequences[sequence] as Sequence;
      return [detections[frame] as Sequence["detections"][number], 1000 / framesPerSecond];
    },
  };
}

/** @returns collects garbage and tells the bytes that are left. */
function collector(): () => number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return () => {
    // Twice: what the first run finalises goes with the second.
    collect();
    collect();
    return process.memoryUsage().heapUsed;
  };
}

export function printSpeed(name: string, figures: SpeedFigures): void {
  const { frames, detectionsPerFrame, framesPerS, p50Ms, p99Ms, maxMs, heapGrowth } = figures;
  console.log(
    [
      name.padEnd(9),
      `${Math.round(framesPerS).toString().padStart(6)} frames/s`,
      `p50 ${p50Ms.toFixed(3)} p99 ${p99Ms.toFixed(3)} max ${maxMs.toFixed(1)} ms`,
      `heap ${heapGrowth >= 0 ? "+" : ""}${(heapGrowth / 1024).toFixed(0)} KiB`,
      `(${frames} frames of ${detectionsPerFrame.toFixed(1)} detections)`,
    ].join("  "),
  );
}
