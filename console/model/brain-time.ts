/** The brain's time as this browser can know it: an operator's PC may be minutes off. */
export interface BrainTime {
  /** Samples of brain minus local time, ms; bounded. */
  readonly samplesMs: readonly number[];
  /** Best estimate of brain minus local time, ms. */
  readonly offsetMs: number;
}

export const NO_BRAIN_TIME: BrainTime = { samplesMs: [], offsetMs: 0 };

const SAMPLES = 15;
/** The page's second hand must not jitter over the network's. */
const STEP_MS = 40;

/**
 * A message arrives late, never early, so the largest recent difference is the least delayed one
 * and thus the truest.
 */
export function learnBrainTime(time: BrainTime, brainIso: string, localMs: number): BrainTime {
  const sample = Date.parse(brainIso) - localMs;
  if (Number.isNaN(sample)) {
    return time;
  }
  const samplesMs = [...time.samplesMs.slice(1 - SAMPLES), sample];
  const best = Math.max(...samplesMs);
  const isSame = time.samplesMs.length > 0 && Math.abs(best - time.offsetMs) < STEP_MS;
  return { samplesMs, offsetMs: isSame ? time.offsetMs : best };
}
