/** Title, picture and way of a case. */
import { useTranslation } from "react-i18next";
import type { CaseState, CaseSummary, TimelineItem } from "../../../protocol/index.ts";
import { casePath, formatDuration } from "../../model/index.ts";
import { SeverityBadge, StateBadge } from "../badges.tsx";
import { Icon } from "../icons.tsx";
import { SilenceMark } from "../silences.tsx";
import { Snapshot } from "../snapshot.tsx";
import { Ago, Moment, useLanguage, useNames, useTimeWords } from "../wording.tsx";

export function DetailHead({ item }: { readonly item: CaseSummary }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const names = useNames();
  const times = useTimeWords();
  return (
    <header className="detail-head">
      <div className="detail-title">
        <h2>{item.title[language]}</h2>
        <SeverityBadge severity={item.severity} />
        <StateBadge state={item.state} />
        <SilenceMark item={item} />
      </div>
      <p className="detail-sub">
        <span className="mono">
          {t("detail.number")} {item.number}
        </span>
        <span className="code">{item.eventType}</span>
        <span>
          {item.line} {names.line(item.line)}
        </span>
        <span>
          {t("detail.level")} {item.serviceLevel}
        </span>
        <span>
          {t("detail.onset")} {times.dateTime(item.onset)} (<Ago at={item.onset} />)
        </span>
      </p>
    </header>
  );
}

export function PictureCard({ item }: { readonly item: CaseSummary }) {
  const { t } = useTranslation();
  const { snapshot } = item;
  return (
    <figure className="card card-picture">
      {snapshot?.available === true ? (
        <a href={snapshot.url} target="_blank" rel="noreferrer" title={t("detail.openPicture")}>
          <Snapshot item={item} size="full" />
        </a>
      ) : (
        <Snapshot item={item} size="full" />
      )}
      <figcaption>
        <span>
          <Icon name="camera" /> {item.camera.name}
        </span>
        <span className="mono">
          {t("source.node")} {item.camera.nodeId}
        </span>
        {snapshot !== null && (
          <span className="mono" title={snapshot.sha256}>
            {t("snapshot.digest", { digest: snapshot.sha256.slice(0, 12) })}
          </span>
        )}
      </figcaption>
    </figure>
  );
}

interface PathProps {
  readonly state: CaseState;
  readonly timeline: readonly TimelineItem[];
}

export function PathCard({ state, timeline }: PathProps) {
  const { t } = useTranslation();
  return (
    <ol className="path" aria-label={t("detail.path")}>
      {casePath(state, timeline).map((step) => (
        <li
          key={step.state}
          data-status={step.status}
          aria-current={step.status === "current" ? "step" : undefined}
        >
          <span className="path-name">
            {step.status === "done" && <Icon name="check" />}
            {t(`state.${step.state}`)}
          </span>
          <span className="path-time">
            {step.at === null ? "—" : <Moment at={step.at} />}
            {step.tookMs !== null && <small className="mono">+{formatDuration(step.tookMs)}</small>}
          </span>
        </li>
      ))}
    </ol>
  );
}
