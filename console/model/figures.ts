/** The figures as the brain tells them, and what the page makes of them. */

export interface ClockFigure {
  readonly judged: number;
  readonly late: number;
  /** 0–1; null where nothing has been judged. */
  readonly inTime: number | null;
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

export interface GroupFigure {
  /** Grid, department or event type; null for no grid. */
  readonly key: string | null;
  readonly cases: number;
  readonly clocks: {
    readonly report: ClockFigure;
    readonly dispatch: ClockFigure;
    readonly contain: ClockFigure;
  };
}

export interface Figures {
  readonly from: string;
  readonly to: string;
  readonly asOf: string;
  readonly all: GroupFigure;
  readonly grids: readonly GroupFigure[];
  readonly departments: readonly GroupFigure[];
  readonly types: readonly GroupFigure[];
  readonly days: readonly {
    readonly day: string;
    readonly machine: number;
    readonly people: number;
  }[];
  readonly discovery: {
    readonly machine: number;
    readonly people: number;
    readonly rate: number | null;
  };
  readonly alarms: {
    readonly total: number;
    readonly cameras: number;
    readonly days: number;
    readonly perCameraDay: number | null;
    readonly byCamera: readonly {
      readonly camera: string;
      readonly name: string;
      readonly alarms: number;
      readonly perDay: number;
    }[];
  };
  readonly verdicts: readonly {
    readonly eventType: string;
    readonly rule: string;
    readonly confirmed: number;
    readonly rejected: number;
    readonly automatic: number;
    readonly precision: number | null;
  }[];
  readonly work: readonly {
    readonly department: string;
    readonly tasks: number;
    readonly answered: number;
    readonly returned: number;
    readonly responseRate: number | null;
    readonly medianAnswerMs: number | null;
    readonly led: number;
    readonly solved: number;
    readonly solutionRate: number | null;
    readonly rated: number;
    readonly satisfied: number;
    readonly satisfactionRate: number | null;
  }[];
}

const DAY_MS = 86_400_000;
export const SPANS_DAYS = [1, 7, 30, 90] as const;
export type SpanDays = (typeof SPANS_DAYS)[number];

/** Start of a span that ends now, ISO. */
export function spanStart(days: SpanDays, nowMs: number): string {
  return new Date(nowMs - days * DAY_MS).toISOString();
}

/** `98.4 %`; a dash where nothing has been judged. Whole only where it is exactly so. */
export function percent(share: number | null): string {
  if (share === null) {
    return "–";
  }
  const tenths = Math.round(share * 1000);
  // 99.96 % must not read as 100 %: one case was late.
  const shown = share < 1 && tenths === 1000 ? 999 : share > 0 && tenths === 0 ? 1 : tenths;
  return `${shown % 10 === 0 ? String(shown / 10) : (shown / 10).toFixed(1)} %`;
}
