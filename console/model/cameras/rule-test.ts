/** A rule's test on remembered tracks, as a strip of time. */
import type { RuleTest } from "../../../protocol/index.ts";

export interface StripAlarm {
  readonly id: string;
  /** 0–1 of the strip. */
  readonly start: number;
  readonly end: number;
  readonly onset: string;
  /** Still open where the memory ends. */
  readonly isOpen: boolean;
  /** Seconds; null while open. */
  readonly lastedS: number | null;
}

export interface Strip {
  readonly from: string;
  readonly to: string;
  readonly lengthS: number;
  readonly alarms: readonly StripAlarm[];
  /** Alarms an hour, had the stretch gone on like this; null where it is too short to tell. */
  readonly perHour: number | null;
}

/** Below this a rate would be a guess. */
const SHORTEST_FOR_RATE_S = 300;

/** Null while nothing is remembered. */
export function stripOf({ from, to, alarms, alarmCount, looks }: RuleTest): Strip | null {
  if (from === undefined || to === undefined || looks === 0) {
    return null;
  }
  const [startMs, endMs] = [Date.parse(from), Date.parse(to)];
  const lengthMs = Math.max(1, endMs - startMs);
  const at = (iso: string): number =>
    Math.min(1, Math.max(0, (Date.parse(iso) - startMs) / lengthMs));
  const lengthS = (endMs - startMs) / 1000;
  return {
    from,
    to,
    lengthS,
    alarms: alarms.map(({ id, onset, ended }) => ({
      id,
      onset,
      start: at(onset),
      end: ended === undefined ? 1 : at(ended),
      isOpen: ended === undefined,
      lastedS: ended === undefined ? null : (Date.parse(ended) - Date.parse(onset)) / 1000,
    })),
    perHour: lengthS < SHORTEST_FOR_RATE_S ? null : (alarmCount / lengthS) * 3600,
  };
}
