/** Small labels: severity and state of a case. */
import { useTranslation } from "react-i18next";
import type { CaseState, Severity } from "../../protocol/index.ts";
import { Icon, SeveritySign } from "./icons.tsx";

export function SeverityBadge({ severity }: { readonly severity: Severity }) {
  const { t } = useTranslation();
  return (
    <span className="severity" data-severity={severity}>
      <SeveritySign severity={severity} />
      <span className="severity-name">{t(`severity.s${severity}`)}</span>
    </span>
  );
}

const PROGRESS: Readonly<Partial<Record<CaseState, number>>> = {
  REPORTED: 1,
  VERIFYING: 1,
  FILED: 2,
  DISPATCHED: 3,
};
const TROUBLE: ReadonlySet<CaseState> = new Set(["RETURNED", "REWORK", "REOPENED", "SUSPENDED"]);
const ENDED: ReadonlySet<CaseState> = new Set(["REJECTED", "MERGED", "CANCELLED", "ARCHIVED"]);

/** Four dots fill on the way to the department; a check, a cross or a turn says what came of it. */
export function StateBadge({ state }: { readonly state: CaseState }) {
  const { t } = useTranslation();
  const reached = PROGRESS[state];
  const tone = TROUBLE.has(state) ? "trouble" : ENDED.has(state) ? "ended" : "good";
  return (
    <span className="state" data-tone={reached === undefined ? tone : "open"}>
      {reached === undefined ? (
        <Icon name={tone === "good" ? "check" : tone === "trouble" ? "back" : "close"} />
      ) : (
        <span className="state-dots" aria-hidden="true">
          {[1, 2, 3, 4].map((dot) => (
            <i key={dot} data-on={dot <= reached} />
          ))}
        </span>
      )}
      {t(`state.${state}`)}
    </span>
  );
}
