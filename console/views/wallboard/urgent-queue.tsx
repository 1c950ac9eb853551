/** Open incidents, the most urgent first, each with its picture, its owner and its clocks. */
import { memo, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { CaseSummary } from "../../../protocol/index.ts";
import { SeverityBadge, StateBadge } from "../badges.tsx";
import { CaseClock } from "../case-clock.tsx";
import { caseHref, useSelect } from "../context.tsx";
import { Snapshot } from "../snapshot.tsx";
import { Ago, useLanguage, useNames } from "../wording.tsx";

interface UrgentQueueProps {
  readonly items: readonly CaseSummary[];
  readonly total: number;
  readonly isLoading: boolean;
  readonly grid: string | null;
  readonly onGrid: (grid: string | null) => void;
}

export function UrgentQueue({ items, total, isLoading, grid, onGrid }: UrgentQueueProps) {
  const { t } = useTranslation();
  const fresh = useSelect((state) => state.fresh);
  return (
    <section className="wall-queue card" aria-labelledby="wall-queue">
      <h3 id="wall-queue">
        {t("wall.queue")}
        {items.length < total && (
          <span className="wall-shown">{t("wall.shown", { shown: items.length, total })}</span>
        )}
        {grid !== null && (
          <button type="button" className="button button-small" onClick={() => onGrid(null)}>
            {t("wall.only", { grid })} · {t("wall.clearGrid")}
          </button>
        )}
      </h3>
      {items.length === 0 ? (
        <Quiet isLoading={isLoading} />
      ) : (
        <ol className="wall-rows" onKeyDown={moveFocus}>
          {items.map((item) => (
            <li key={item.id}>
              <WallRow item={item} isFresh={fresh.has(item.id)} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Quiet({ isLoading }: { readonly isLoading: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="wall-quiet" role="status">
      {isLoading ? (
        t("common.loading")
      ) : (
        <>
          <strong>{t("wall.quiet")}</strong>
          <span>{t("wall.quietHint")}</span>
        </>
      )}
    </div>
  );
}

const STEPS: Readonly<Record<string, number>> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

function moveFocus(event: KeyboardEvent<HTMLOListElement>): void {
  const step = STEPS[event.key];
  if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) {
    return;
  }
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("a.wall-row")];
  const at = links.findIndex((link) => link === document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
  event.preventDefault();
}

interface WallRowProps {
  readonly item: CaseSummary;
  readonly isFresh: boolean;
}

const WallRow = memo(function WallRow({ item, isFresh }: WallRowProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const names = useNames();
  const lead = names.department(item.lead);
  return (
    <a
      className="wall-row"
      href={caseHref(item.id)}
      data-case={item.id}
      data-severity={item.severity}
      data-level={item.serviceLevel}
      data-fresh={isFresh}
    >
      <Snapshot item={item} size="thumb" />
      <span className="wall-what">
        <span className="wall-level" data-level={item.serviceLevel}>
          {item.serviceLevel}
        </span>
        <SeverityBadge severity={item.severity} />
        <span className="row-title">{item.title[language]}</span>
        {isFresh && <span className="fresh">{t("list.fresh")}</span>}
      </span>
      <span className="wall-where">
        <span className="row-camera">{item.camera.name}</span>
        <span className="mono">{item.location.gridCode ?? t("list.noGrid")}</span>
        <Ago at={item.onset} />
      </span>
      <span className="wall-owner">
        <StateBadge state={item.state} />
        <span className="row-lead" title={lead}>
          {t("list.lead", { name: lead })}
        </span>
      </span>
      <span className="wall-clocks">
        <CaseClock name="report" clock={item.clocks.report} size="small" />
        <CaseClock name="dispatch" clock={item.clocks.dispatch} size="small" />
        <CaseClock name="contain" clock={item.clocks.contain} size="small" />
      </span>
    </a>
  );
});
