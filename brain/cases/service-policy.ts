/** Service levels as data. The policy in force is copied onto a case when it opens. */
import {
  CLOCK_POLICIES,
  type EscalationLevel,
  type ServiceClock,
  type ServiceLevel,
  type SupervisionLight,
  type TimeBase,
} from "../../protocol/index.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface ClockLimit {
  readonly base: TimeBase;
  readonly limitMs: number;
}

/** What happens when a share of a limit has passed. */
export interface Stage {
  readonly percent: number;
  readonly light: SupervisionLight;
  /** One level up: responsibility moves to those above. */
  readonly escalates: boolean;
}

export interface CasePolicy {
  /** Rises when the levels change; a case keeps the one it opened with. */
  readonly version: number;
  /** Null: the level has no such limit. */
  readonly clocks: Readonly<Record<ServiceClock, ClockLimit | null>>;
  readonly stages: readonly Stage[];
  /** Others are alarmed beside the lead when this long after sending nothing has come back. */
  readonly parallelAlarm: { readonly afterMs: number; readonly until: "accepted" | "delivered" };
  readonly mayBeSuspended: boolean;
  /** After so many returns the hub rules. */
  readonly maxReturns: number;
  /** Rating and reopening are possible this long after closing; then the case is archived. */
  readonly reviewMs: number;
  readonly startLevel: EscalationLevel;
}

/** Past its limit a case is not forgotten: it comes up again at every doubling. */
const STAGES: readonly Stage[] = [
  { percent: 50, light: "none", escalates: false },
  { percent: 80, light: "yellow", escalates: false },
  ...[100, 200, 400, 800, 1600, 3200].map(
    (percent): Stage => ({ percent, light: "red", escalates: true }),
  ),
];

const always = (limitMs: number): ClockLimit => ({ base: "continuous", limitMs });

interface LevelFacts {
  readonly acceptMs: number | null;
  readonly close: ClockLimit;
}

const LEVELS: Readonly<Record<ServiceLevel, LevelFacts>> = {
  S0: { acceptMs: 5 * MINUTE_MS, close: always(24 * HOUR_MS) },
  S1: { acceptMs: 15 * MINUTE_MS, close: always(3 * HOUR_MS) },
  S2: { acceptMs: null, close: { base: "working-hours", limitMs: 4 * HOUR_MS } },
  // A working day counts as 24 h of a working day: ten o'clock to ten o'clock.
  S3: { acceptMs: null, close: { base: "working-days", limitMs: 20 * DAY_MS } },
  S4: { acceptMs: null, close: { base: "calendar-days", limitMs: 7 * DAY_MS } },
};

export function policyOf(level: ServiceLevel): CasePolicy {
  const { acceptMs, close } = LEVELS[level];
  const limits = CLOCK_POLICIES[level];
  const isUrgent = level === "S0" || level === "S1";
  return {
    version: 1,
    clocks: {
      dispatch: always(limits.dispatch),
      redispatch: always(limits.dispatch),
      accept: acceptMs === null ? null : always(acceptMs),
      contain: always(limits.contain),
      close,
    },
    stages: STAGES,
    parallelAlarm: { afterMs: MINUTE_MS, until: isUrgent ? "accepted" : "delivered" },
    mayBeSuspended: !isUrgent,
    maxReturns: 2,
    reviewMs: 7 * DAY_MS,
    // Disputes begin with the grid worker, what cameras see with the town's centre.
    startLevel: level === "S4" ? 0 : 2,
  };
}

/**
 * What people tell begins with the grid worker, who may solve it on the spot, unless it is urgent;
 * what is not solved below climbs from there.
 */
export function startLevelOf(level: ServiceLevel, isToldByPerson: boolean): EscalationLevel {
  const isUrgent = level === "S0" || level === "S1";
  return isToldByPerson && !isUrgent ? 0 : policyOf(level).startLevel;
}
