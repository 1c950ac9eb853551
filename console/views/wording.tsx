/** Words and times in the operator's language and zone. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { isLanguage, type Language } from "../i18n/index.ts";
import { ageOf } from "../model/index.ts";
import { useBrainNow, useSelect } from "./context.tsx";

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return isLanguage(i18n.language) ? i18n.language : "zh";
}

export interface Names {
  readonly department: (code: string) => string;
  readonly line: (code: string) => string;
  readonly eventType: (code: string) => string;
}

/** Names of the catalogue; a code stands for itself until the catalogue has come. */
export function useNames(): Names {
  const catalogue = useSelect((state) => state.catalogue);
  const language = useLanguage();
  return useMemo(() => {
    const find = (
      items: readonly { readonly code: string; readonly zh: string; readonly en: string }[],
    ): ((code: string) => string) => {
      const names = new Map(items.map((item) => [item.code, item[language]]));
      return (code) => names.get(code) ?? code;
    };
    return {
      department: find(catalogue?.departments ?? []),
      line: find(catalogue?.lines ?? []),
      eventType: find(catalogue?.eventTypes ?? []),
    };
  }, [catalogue, language]);
}

const LOCALES: Readonly<Record<Language, string>> = { zh: "zh-CN", en: "en-GB" };

export interface TimeWords {
  /** `14:03:09`. */
  readonly time: (iso: string | number) => string;
  /** `14:03:09.412`. */
  readonly exact: (iso: string | number) => string;
  /** `2026-11-24 14:03:09`, the day in the language's own order. */
  readonly dateTime: (iso: string | number) => string;
  readonly day: (iso: string | number) => string;
  /** `GMT+8`. */
  readonly zone: string;
}

export function useTimeWords(): TimeWords {
  const language = useLanguage();
  return useMemo(() => {
    const locale = LOCALES[language];
    const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false } as const;
    const date = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
    const time = new Intl.DateTimeFormat(locale, clock);
    const exact = new Intl.DateTimeFormat(locale, { ...clock, fractionalSecondDigits: 3 });
    const dateTime = new Intl.DateTimeFormat(locale, { ...date, ...clock });
    const day = new Intl.DateTimeFormat(locale, { ...date, weekday: "short" });
    const zoned = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" });
    const zone = zoned.formatToParts(0).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const of = (format: Intl.DateTimeFormat) => (at: string | number) =>
      format.format(new Date(at));
    return { time: of(time), exact: of(exact), dateTime: of(dateTime), day: of(day), zone };
  }, [language]);
}

/** "12 s", "刚刚". Without "ago". */
export function useAgeWords(): (fromMs: number, nowMs: number) => string {
  const { t } = useTranslation();
  return (fromMs, nowMs) => {
    const { unit, count } = ageOf(fromMs, nowMs);
    return unit === "now" ? t("age.now") : t(`age.${unit}`, { count });
  };
}

/** How long ago, ticking. */
export function Ago({ at }: { readonly at: string }) {
  const { t } = useTranslation();
  const words = useAgeWords();
  const times = useTimeWords();
  const nowMs = useBrainNow();
  const fromMs = Date.parse(at);
  const age = words(fromMs, nowMs);
  const text = ageOf(fromMs, nowMs).unit === "now" ? age : t("age.ago", { age });
  return (
    <time dateTime={at} title={`${times.dateTime(at)} ${times.zone}`}>
      {text}
    </time>
  );
}

/** A moment with seconds; the full date and zone on hover. */
export function Moment({ at, exact = false }: { readonly at: string; readonly exact?: boolean }) {
  const times = useTimeWords();
  return (
    <time dateTime={at} title={`${times.dateTime(at)} ${times.zone}`} className="mono">
      {exact ? times.exact(at) : times.time(at)}
    </time>
  );
}
