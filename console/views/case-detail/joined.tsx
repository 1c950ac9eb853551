/** Why alarms and cases were joined, in the words of the brain's measure. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import type { TimelineItem } from "../../../protocol/index.ts";
import { linksOf, type JoinLink, type LinkReason } from "../../model/index.ts";
import { caseHref } from "../context.tsx";
import { Moment } from "../wording.tsx";
import { Card } from "./card.tsx";

interface JoinedProps {
  readonly timeline: readonly TimelineItem[];
  /** Merging and splitting. */
  readonly children?: ReactNode;
}

export function JoinedCard({ timeline, children }: JoinedProps) {
  const { t } = useTranslation();
  const links = linksOf(timeline);
  return (
    <Card title={t("actions.joined.title")} area="joined" count={links.length}>
      {links.length === 0 && <p className="muted">{t("actions.joined.none")}</p>}
      <ol className="joined">
        {links.map((link) => (
          <JoinedLine key={link.id} link={link} />
        ))}
      </ol>
      {children}
    </Card>
  );
}

function JoinedLine({ link }: { readonly link: JoinLink }) {
  const { t } = useTranslation();
  const number = link.other ?? "";
  return (
    <li data-kind={link.kind}>
      <span className="joined-head">
        <Moment at={link.at} exact />
        <b>{t(`actions.joined.${link.kind}`, { number })}</b>
        {link.camera !== null && <span className="code">{link.camera}</span>}
        {link.eventType !== null && <span className="code">{link.eventType}</span>}
        {link.otherId !== null && (
          <a className="link" href={caseHref(link.otherId)}>
            {t("actions.joined.open", { number })}
          </a>
        )}
      </span>
      {link.reasons.map((reason, index) => (
        <span key={index} className="joined-reason">
          {reasonWords(reason, t)}
        </span>
      ))}
    </li>
  );
}

const BECAUSE: Readonly<Record<string, "diameter" | "duration" | "separated">> = {
  "together they would be too far across": "diameter",
  "together they would last too long": "duration",
  "an operator separated them": "separated",
};

function reasonWords({ kind, facts }: LinkReason, t: TFunction): string {
  const { gap, camera, grid, because } = facts;
  const reason = because === undefined ? undefined : BECAUSE[because];
  const isMeasured = kind === "near" || kind === "travel";
  return t(`actions.joined.reason.${kind}`, {
    ...facts,
    ...(isMeasured && {
      gap: gap === "0" ? t("actions.joined.sameTime") : t("actions.joined.apart", { gap }),
      camera:
        camera === "" ? t("actions.joined.sameCamera") : t("actions.joined.cameraName", { camera }),
      grid: grid === "" ? "" : t("actions.joined.sameGrid"),
    }),
    ...(reason !== undefined && { because: t(`actions.joined.because.${reason}`) }),
  });
}
