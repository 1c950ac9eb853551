/** What the page makes of the figures that the brain tells. */

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
