/** One line of the list: what, where, how grave, since when, whose, and the three clocks. */
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { CaseSummary } from "../../protocol/index.ts";
import { SeverityBadge, StateBadge } from "./badges.tsx";
import { CaseClock } from "./case-clock.tsx";
import { caseHref } from "./context.tsx";
import { SilenceMark } from "./silences.tsx";
import { Snapshot } from "./snapshot.tsx";
import { Ago, useLanguage, useNames } from "./wording.tsx";

export interface CaseRowProps {
  readonly item: CaseSummary;
  readonly isOpen: boolean;
  readonly isFresh: boolean;
  readonly isTabStop: boolean;
  readonly onFocus: (id: string) => void;
}

export const CaseRow = memo(function CaseRow(props: CaseRowProps) {
  const { item, isOpen, isFresh } = props;
  const { t } = useTranslation();
  const language = useLanguage();
  const names = useNames();
  const title = item.title[language];
  const label = [
    t(`severity.s${item.severity}`),
    title,
    item.camera.name,
    t(`state.${item.state}`),
    item.number,
  ].join(", ");
  return (
    <a
      className="row"
      href={caseHref(item.id)}
      data-case={item.id}
      data-severity={item.severity}
      data-fresh={isFresh}
      aria-current={isOpen}
      aria-label={label}
      tabIndex={props.isTabStop ? 0 : -1}
      onFocus={() => props.onFocus(item.id)}
    >
      <Snapshot item={item} size="thumb" />
      <span className="row-head">
        <SeverityBadge severity={item.severity} />
        <span className="row-title">{title}</span>
        <SilenceMark item={item} />
        {isFresh && <span className="fresh">{t("list.fresh")}</span>}
        <span className="row-age">
          <Ago at={item.onset} />
        </span>
      </span>
      <span className="row-place">
        <span className="row-camera">{item.camera.name}</span>
        <span className="mono row-grid">{item.location.gridCode ?? t("list.noGrid")}</span>
        <span className="mono row-number">{item.number}</span>
      </span>
      <span className="row-owner">
        <StateBadge state={item.state} />
        <span className="row-lead" title={names.department(item.lead)}>
          {t("list.lead", { name: names.department(item.lead) })}
        </span>
        <span className="code">{item.eventType}</span>
      </span>
      <span className="row-clocks">
        <CaseClock name="report" clock={item.clocks.report} size="small" />
        <CaseClock name="dispatch" clock={item.clocks.dispatch} size="small" />
        <CaseClock name="contain" clock={item.clocks.contain} size="small" />
      </span>
    </a>
  );
});
