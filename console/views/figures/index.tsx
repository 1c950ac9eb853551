/** How the control room does: clocks, discovery, alarms, verdicts and the departments' work. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Figures } from "../../../protocol/index.ts";
import { percent, spanStart, SPANS_DAYS, type SpanDays } from "../../model/index.ts";
import { useLive } from "../context.tsx";
import { useAnswer, useOffice } from "../office.tsx";
import { useReason } from "../reason.tsx";
import { useTimeWords } from "../wording.tsx";
import { AlarmFigures } from "./alarm-figures.tsx";
import { ClockFigures } from "./clock-figures.tsx";
import { DayFigures } from "./day-figures.tsx";
import { VerdictFigures } from "./verdict-figures.tsx";
import { WorkFigures } from "./work-figures.tsx";

export function FiguresPage() {
  const { t } = useTranslation();
  const office = useOffice();
  const { store } = useLive();
  const reasonOf = useReason();
  const times = useTimeWords();
  const [days, setDays] = useState<SpanDays>(7);
  const answer = useAnswer(`figures ${days}`, (signal) => {
    const brainNowMs = Date.now() + store.get().brainTime.offsetMs;
    return office.figures(spanStart(days, brainNowMs), signal);
  });
  const { value, error, isLoading } = answer;
  return (
    <div className="figures">
      <header className="page-head">
        <h2>{t("figures.title")}</h2>
        <div className="segments" role="group" aria-label={t("figures.span")}>
          {SPANS_DAYS.map((option) => (
            <button
              key={option}
              type="button"
              aria-pressed={option === days}
              onClick={() => setDays(option)}
            >
              {option === 1 ? t("figures.day") : t("figures.days", { count: option })}
            </button>
          ))}
        </div>
        <button type="button" className="button button-small" onClick={answer.reload}>
          {t("common.refresh")}
        </button>
        <span className="muted" role="status">
          {isLoading
            ? t("common.loading")
            : value !== null && t("common.asOf", { time: times.dateTime(value.asOf) })}
        </span>
      </header>
      {error !== null && (
        <p className="form-error" role="alert">
          {t("common.failed", { reason: reasonOf(error) })}
        </p>
      )}
      {value !== null && <Sections figures={value} />}
    </div>
  );
}

function Sections({ figures }: { readonly figures: Figures }) {
  return (
    <>
      <Headline figures={figures} />
      <ClockFigures figures={figures} />
      <DayFigures figures={figures} />
      <AlarmFigures figures={figures} />
      <VerdictFigures figures={figures} />
      <WorkFigures figures={figures} />
    </>
  );
}

function Headline({ figures }: { readonly figures: Figures }) {
  const { t } = useTranslation();
  const { all, discovery, alarms, verdicts } = figures;
  const confirmed = verdicts.reduce((sum, verdict) => sum + verdict.confirmed, 0);
  const judged = verdicts.reduce((sum, { rejected }) => sum + rejected, confirmed);
  const tiles = [
    [t("figures.cases"), String(all.cases)],
    [t("clock.report"), percent(all.clocks.report.inTime)],
    [t("clock.dispatch"), percent(all.clocks.dispatch.inTime)],
    [t("clock.contain"), percent(all.clocks.contain.inTime)],
    [t("figures.rate"), percent(discovery.rate)],
    [
      t("figures.perCameraDay"),
      alarms.perCameraDay === null ? "–" : alarms.perCameraDay.toFixed(1),
    ],
    [t("figures.precision"), percent(judged === 0 ? null : confirmed / judged)],
  ] as const;
  return (
    <dl className="tiles tiles-figures">
      {tiles.map(([name, figure]) => (
        <div key={name} className="tile">
          <dt>{name}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  );
}
