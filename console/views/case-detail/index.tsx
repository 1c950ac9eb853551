/** One case: its picture, its clocks, who has it, and how it came there. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { CaseDetail, CaseSummary } from "../../../protocol/index.ts";
import { ActionBar, KeyHelp, useWork } from "../actions/index.ts";
import { useRoute, useSelect } from "../context.tsx";
import { Icon } from "../icons.tsx";
import { SkeletonDetail } from "../skeleton.tsx";
import { BeforeAfterCard } from "./before-after.tsx";
import { DeliveriesCard } from "./deliveries.tsx";
import { EventsCard } from "./events.tsx";
import { EvidenceCard } from "./evidence.tsx";
import { DetectionCard, PlaceCard, PrivacyCard } from "./facts.tsx";
import { DetailHead, PathCard, PictureCard } from "./head.tsx";
import { JoinedCard } from "./joined.tsx";
import { NotesCard } from "./notes.tsx";
import { Regroup } from "./regroup.tsx";
import { ClocksCard } from "./three-clocks.tsx";
import { TasksCard } from "./tasks.tsx";
import { TimelineCard } from "./timeline.tsx";
import { WorkCards } from "./work.tsx";

export function CaseDetailPane() {
  const { t } = useTranslation();
  const { leave } = useRoute();
  const open = useSelect((state) => state.open);
  const listed = useSelect((state) => state.cases.get(open?.id ?? ""));
  if (open === null) {
    return <NothingOpen />;
  }
  const detail = open.detail?.id === open.id ? open.detail : null;
  const summary = newest(listed, detail);
  return (
    <article className="detail" aria-label={summary?.number ?? t("detail.loading")}>
      <div className="detail-scroll" key={open.id}>
        <DetailStart id={open.id}>
          <KeyHelp summary={summary ?? null} timeline={detail?.timeline ?? []} />
          <button type="button" className="icon-button detail-close" onClick={leave}>
            <Icon name="back" />
            <Icon name="close" />
            <span className="sr-only">{t("detail.close")}</span>
          </button>
        </DetailStart>
        {open.status === "failed" && <p className="form-error">{t("detail.failed")}</p>}
        {open.status === "missing" ? (
          <Missing />
        ) : (
          summary !== undefined && <CaseCards summary={summary} detail={detail} />
        )}
        {open.status === "loading" && detail === null && <SkeletonDetail />}
      </div>
    </article>
  );
}

/** Takes the focus when a case is opened by keyboard on a page too small to show both. */
function DetailStart(props: { readonly id: string; readonly children: React.ReactNode }) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const covers = window.matchMedia("(max-width: 899px)").matches;
    if (covers) {
      bar.current?.querySelector<HTMLElement>(".detail-close")?.focus();
    }
  }, [props.id]);
  return (
    <div className="detail-bar" ref={bar}>
      {props.children}
    </div>
  );
}

function newest(a: CaseSummary | undefined, b: CaseDetail | null): CaseSummary | undefined {
  return b !== null && (a === undefined || b.version >= a.version) ? b : a;
}

interface CardsProps {
  readonly summary: CaseSummary;
  readonly detail: CaseDetail | null;
}

function CaseCards({ summary, detail }: CardsProps) {
  const { work } = useWork(summary.id, summary.version);
  const actions = work?.actions ?? [];
  return (
    <>
      <DetailHead item={summary} />
      <ActionBar key={summary.id} summary={summary} timeline={detail?.timeline ?? []} />
      <PathCard state={summary.state} timeline={detail?.timeline ?? []} />
      <div className="cards">
        <div className="cards-column">
          <PictureCard item={summary} />
          {detail !== null && <BeforeAfterCard item={summary} pictures={detail.afterPictures} />}
          {detail !== null && (
            <>
              <JoinedCard timeline={detail.timeline}>
                <Regroup summary={summary} actions={actions} />
              </JoinedCard>
              <NotesCard summary={summary} timeline={detail.timeline} actions={actions} />
              <TimelineCard timeline={detail.timeline} />
            </>
          )}
          <PlaceCard item={summary} />
        </div>
        <div className="cards-column">
          <ClocksCard clocks={summary.clocks} />
          {detail !== null && (
            <>
              <WorkCards work={work} />
              <TasksCard tasks={detail.tasks} />
              <DeliveriesCard deliveries={detail.deliveries} />
            </>
          )}
        </div>
        <div className="cards-column cards-wide">
          {detail !== null && (
            <>
              <DetectionCard detection={detail.detection} />
              <EvidenceCard evidence={detail.evidence} hold={detail.hold} summary={summary} />
              <PrivacyCard privacy={detail.privacy} />
              <EventsCard events={detail.events} />
            </>
          )}
        </div>
      </div>
    </>
  );
}

function NothingOpen() {
  const { t } = useTranslation();
  return (
    <div className="detail detail-none">
      <KeyHelp summary={null} timeline={[]} />
      <h2>{t("detail.none")}</h2>
      <p className="muted">{t("detail.noneHint")}</p>
      <dl className="keys" aria-label={t("keys.title")}>
        <dt>
          <kbd>j</kbd> <kbd>k</kbd> <kbd>↑</kbd> <kbd>↓</kbd>
        </dt>
        <dd>{t("keys.move")}</dd>
        <dt>
          <kbd>n</kbd>
        </dt>
        <dd>{t("actions.keys.urgent")}</dd>
        <dt>
          <kbd>Enter</kbd>
        </dt>
        <dd>{t("keys.open")}</dd>
        <dt>
          <kbd>Esc</kbd>
        </dt>
        <dd>{t("keys.close")}</dd>
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>{t("keys.search")}</dd>
      </dl>
    </div>
  );
}

function Missing() {
  const { t } = useTranslation();
  return (
    <div className="empty">
      <h2>{t("detail.missing")}</h2>
      <p>{t("detail.missingHint")}</p>
    </div>
  );
}
