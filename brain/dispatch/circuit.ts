/**
 * The circuit of one endpoint. While it does not answer, one delivery at a time asks whether it is
 * back, often enough that a department back after minutes has its dispatches within 35 s; the
 * others wait without attempts of their own. It is never disabled: people are asked to look at it.
 */
import type { EpochMs } from "../../protocol/index.ts";

/** Failures in a row that open it: one or two happen in good times. */
const OPENS_AFTER = 3;
/** Seconds between the first probes, the last one repeats. Each may take its time-out besides. */
const PROBE_S = [2, 4, 8, 15, 20] as const;
/** A department that answers with an error has a fault of its own; asking often helps nobody. */
const CONFIG_PROBE_S = 25;
/** Failing for longer than this, people are asked to look. */
const PARK_AFTER_MS = 120_000;
/** A department may not postpone the probe beyond this. */
const MAX_RETRY_AFTER_MS = 300_000;
/** Share that is added, so that endpoints behind one cable are not probed in one moment. */
const JITTER = 0.15;

export interface Circuit {
  readonly failures: number;
  readonly failingSince: EpochMs | null;
  readonly probeAt: EpochMs | null;
  readonly parkedAt: EpochMs | null;
}

export const CLOSED: Circuit = { failures: 0, failingSince: null, probeAt: null, parkedAt: null };

export interface Failure {
  readonly now: EpochMs;
  readonly kind: "transient" | "config";
  /** What the department asked for by `Retry-After`; up to five minutes are granted. */
  readonly retryAfterMs?: number | null;
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
}

export function failed(circuit: Circuit, { now, kind, retryAfterMs, random }: Failure): Circuit {
  const failures = circuit.failures + 1;
  const failingSince = circuit.failingSince ?? now;
  const isOpen = failures >= OPENS_AFTER;
  const probes = PROBE_S[Math.min(failures - OPENS_AFTER, PROBE_S.length - 1)] ?? 0;
  const pauseS = kind === "config" ? CONFIG_PROBE_S : probes;
  const askedMs = Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  const pauseMs = Math.max(askedMs, pauseS * 1000 * (1 + JITTER * random()));
  const isParked = isOpen && now - failingSince >= PARK_AFTER_MS;
  return {
    failures,
    failingSince,
    probeAt: isOpen ? Math.round(now + pauseMs) : null,
    parkedAt: circuit.parkedAt ?? (isParked ? now : null),
  };
}
