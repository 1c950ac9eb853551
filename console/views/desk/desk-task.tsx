/** One task of a department; opened, it shows the picture and what to do next. */
import { useTranslation } from "react-i18next";
import type { CaseSummary } from "../../../protocol/index.ts";
import type { ActionOffer } from "../../model/index.ts";
import { ActionBar } from "../actions/index.ts";
import { SeverityBadge, StateBadge } from "../badges.tsx";
import { CaseClock } from "../case-clock.tsx";
import { caseHref } from "../context.tsx";
import { Snapshot } from "../snapshot.tsx";
import { Ago, useLanguage } from "../wording.tsx";

interface DeskTaskProps {
  readonly item: CaseSummary;
  /** Another department leads: there is nothing to command. */
  readonly isSupport: boolean;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

const OWN: readonly ActionOffer["kind"][] = [
  "accept",
  "return",
  "start",
  "contain",
  "handle",
  "suspend",
  "resume",
];
const isOwnAction = ({ kind }: ActionOffer): boolean => OWN.includes(kind);

export function DeskTask({ item, isSupport, isOpen, onToggle }: DeskTaskProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <li className="card desk-task" data-open={isOpen}>
      <button type="button" className="desk-head" aria-expanded={isOpen} onClick={onToggle}>
        <SeverityBadge severity={item.severity} />
        <b>{item.title[language]}</b>
        <StateBadge state={item.state} />
        <span className="mono muted">{item.number}</span>
        <span className="muted">
          {item.location.address ?? item.camera.name} · <Ago at={item.reportedAt} />
        </span>
      </button>
      <CaseClock name="contain" clock={item.clocks.contain} size="small" />
      {isOpen && (
        <div className="desk-body">
          <Snapshot item={item} size="full" />
          <div>
            {!isSupport && (
              <ActionBar key={item.id} summary={item} timeline={[]} only={isOwnAction} />
            )}
            <p className="muted">{t("desk.after")}</p>
            <p>
              <a className="link" href={caseHref(item.id)}>
                {t("desk.details")}
              </a>
              {item.state === "WHISTLED" && (
                <>
                  {" · "}
                  <a className="link" href={`#/whistles/${item.id}`}>
                    {t("whistle.openBoard")}
                  </a>
                </>
              )}
            </p>
          </div>
        </div>
      )}
    </li>
  );
}
