/** One whistle with its parties: the own one first, for who stands on the site. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseSummary, WhistleView } from "../../../protocol/index.ts";
import { isOver, tallyOf, whistleOffers, type WhistleOffer } from "../../model/index.ts";
import { Photos } from "../actions/index.ts";
import { caseHref, useSelect } from "../context.tsx";
import { Moment, useLanguage } from "../wording.tsx";
import { Deadline } from "./deadline.tsx";
import { PartyCard } from "./party-card.tsx";
import { SiteCode } from "./site-code.tsx";
import { WhistleForm } from "./whistle-form.tsx";

interface WhistlePanelProps {
  readonly summary: CaseSummary;
  readonly whistle: WhistleView;
}

export function WhistlePanel({ summary, whistle: read }: WhistlePanelProps) {
  const { t } = useTranslation();
  const session = useSelect((state) => state.session);
  const [answer, setAnswer] = useState<WhistleView | null>(null);
  const [offer, setOffer] = useState<WhistleOffer | null>(null);
  // An answer shows at once; what is read later is as new or newer.
  const whistle = answer !== null && answer.version > read.version ? answer : read;
  const own = session?.viewer?.department ?? null;
  const mine = whistle.parties.filter(({ department }) => department === own);
  const others = whistle.parties.filter(({ department }) => department !== own);
  return (
    <section className="whistle card" aria-labelledby={`whistle-${whistle.id}`}>
      <Head summary={summary} whistle={whistle} />
      {mine.length > 0 && <h3>{t("whistle.mine")}</h3>}
      <Parties whistle={whistle} parties={mine} isOwn onOffer={setOffer} />
      {mine.length > 0 && !isOver(whistle) && (
        <>
          <h3>{t("photos.site")}</h3>
          <Photos caseId={summary.id} />
        </>
      )}
      {mine.length > 0 && others.length > 0 && <h3>{t("whistle.others")}</h3>}
      <Parties whistle={whistle} parties={others} isOwn={false} onOffer={setOffer} />
      <div className="party-buttons">
        {whistleOffers(whistle, session).map((one) => (
          <button
            key={one.kind}
            type="button"
            className="button button-small"
            onClick={() => setOffer(one)}
          >
            {t(`whistle.do.${one.kind}`)}
          </button>
        ))}
        {!isOver(whistle) && <SiteCode whistle={whistle} />}
      </div>
      {offer !== null && (
        <WhistleForm
          whistle={whistle}
          offer={offer}
          onAnswer={setAnswer}
          onClose={() => setOffer(null)}
        />
      )}
    </section>
  );
}

function Head({ summary, whistle }: WhistlePanelProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const tally = tallyOf(whistle);
  return (
    <>
      <header className="whistle-head">
        <h2 id={`whistle-${whistle.id}`}>{whistle.subject}</h2>
        <span className="mark">{t(`whistle.kind.${whistle.kind}`)}</span>
        <span className="mark mark-state">{t(`whistle.state.${whistle.state}`)}</span>
        <a className="link" href={caseHref(summary.id)}>
          {t("whistle.openCase")} {summary.number}
        </a>
      </header>
      <p className="muted">
        {summary.title[language]} · {summary.camera.name} · {summary.location.address ?? ""}{" "}
        <Moment at={whistle.blownAt} />
      </p>
      <div className="whistle-line">
        <Deadline
          startedAt={whistle.blownAt}
          dueAt={whistle.dueAt}
          stoppedAt={isOver(whistle) ? whistle.dueAt : null}
        />
        <span>{t("whistle.tally", { ...tally, total: whistle.parties.length })}</span>
      </div>
      {whistle.opinion !== null && (
        <p>
          <b>{t("whistle.opinion")}</b> {whistle.opinion}
        </p>
      )}
    </>
  );
}

interface PartiesProps {
  readonly whistle: WhistleView;
  readonly parties: WhistleView["parties"];
  readonly isOwn: boolean;
  readonly onOffer: (offer: WhistleOffer) => void;
}

function Parties({ whistle, parties, isOwn, onOffer }: PartiesProps) {
  return parties.length === 0 ? null : (
    <ul className="parties">
      {parties.map((party) => (
        <PartyCard
          key={party.department}
          whistle={whistle}
          party={party}
          isOwn={isOwn}
          onOffer={onOffer}
        />
      ))}
    </ul>
  );
}
