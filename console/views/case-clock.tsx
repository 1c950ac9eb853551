/** One of a case's three clocks, small in the list and large in the detail. */
import { useTranslation } from "react-i18next";
import type { ClockName, ClockView } from "../../protocol/index.ts";
import { formatCountdown, formatDuration, readClock, type ClockReading } from "../model/index.ts";
import { useBrainNow } from "./context.tsx";
import { ClockSign } from "./icons.tsx";

interface CaseClockProps {
  readonly name: ClockName;
  readonly clock: ClockView;
  readonly size: "small" | "large";
}

export function CaseClock({ name, clock, size }: CaseClockProps) {
  const { t } = useTranslation();
  const isRunning = clock.startedAt !== null && clock.stoppedAt === null;
  const reading = readClock(clock, useBrainNow(isRunning));
  const level = reading.kind === "waiting" ? "calm" : reading.level;
  const fraction = reading.kind === "waiting" ? 0 : reading.fraction;
  const figure = figureOf(reading);
  return (
    <div className={`clock clock-${size}`} data-kind={reading.kind} data-level={level}>
      <span className="clock-name" title={t(`clock.${name}`)}>
        {t(size === "small" ? `clock.short.${name}` : `clock.${name}`)}
      </span>
      <span className="clock-value">
        <ClockSign kind={reading.kind} level={level} fraction={fraction} />
        <span className="clock-text">{useFigureWords(reading, figure, size)}</span>
      </span>
      <span className="clock-bar" aria-hidden="true">
        <i style={{ inlineSize: `${Math.min(1, fraction) * 100}%` }} />
      </span>
      {size === "large" && (
        <span className="clock-note">
          {t("clock.limit", { limit: formatCountdown(reading.limitMs) })}
          {reading.kind === "running" && ` · ${t(`clock.level.${level}`)}`}
          {reading.kind === "stopped" &&
            ` · ${t(level === "over" ? "clock.late" : "clock.inTime")}`}
        </span>
      )}
    </div>
  );
}

function figureOf(reading: ClockReading): string {
  if (reading.kind === "waiting") {
    return "";
  }
  return reading.kind === "stopped"
    ? formatDuration(reading.elapsedMs)
    : formatCountdown(reading.remainingMs);
}

function useFigureWords(
  reading: ClockReading,
  figure: string,
  size: CaseClockProps["size"],
): string {
  const { t } = useTranslation();
  if (reading.kind === "waiting") {
    return t(size === "small" ? "clock.small.waiting" : "clock.waiting");
  }
  if (reading.kind === "stopped") {
    return figure;
  }
  const words = reading.remainingMs < 0 ? "over" : "left";
  return t(size === "small" ? `clock.small.${words}` : `clock.${words}`, { time: figure });
}
