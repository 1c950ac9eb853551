/** A deadline that counts down; shape and words say how far it is, not only colour. */
import { useTranslation } from "react-i18next";
import { formatCountdown, readClock } from "../../model/index.ts";
import { useBrainNow } from "../context.tsx";
import { ClockSign } from "../icons.tsx";
import { Moment } from "../wording.tsx";

interface DeadlineProps {
  readonly startedAt: string;
  readonly dueAt: string;
  /** Null while it runs. */
  readonly stoppedAt: string | null;
}

export function Deadline({ startedAt, dueAt, stoppedAt }: DeadlineProps) {
  const { t } = useTranslation();
  const nowMs = useBrainNow(stoppedAt === null);
  const limitMs = Math.max(1, Date.parse(dueAt) - Date.parse(startedAt));
  const reading = readClock({ startedAt, dueAt, stoppedAt, limitMs }, nowMs);
  if (reading.kind === "waiting") {
    return null;
  }
  const isOver = reading.remainingMs < 0;
  const time = formatCountdown(reading.remainingMs);
  return (
    <span className="clock deadline" data-kind={reading.kind} data-level={reading.level}>
      <span className="clock-name">
        {t("whistle.due")} <Moment at={dueAt} />
      </span>
      <span className="clock-value">
        <ClockSign kind={reading.kind} level={reading.level} fraction={reading.fraction} />
        <span className="clock-text">
          {stoppedAt === null ? (
            t(isOver ? "whistle.over" : "whistle.left", { time })
          ) : (
            <Moment at={stoppedAt} />
          )}
        </span>
      </span>
    </span>
  );
}
