/** One department of a whistle: how far it has come, and what comes next. */
import { useTranslation } from "react-i18next";
import type { PartyView, WhistleView } from "../../../protocol/index.ts";
import { PARTY_STEPS, partyOffers, progressOf, type WhistleOffer } from "../../model/index.ts";
import { useBrainNow, useSelect } from "../context.tsx";
import { Icon } from "../icons.tsx";
import { Moment, useNames } from "../wording.tsx";
import { Deadline } from "./deadline.tsx";

interface PartyCardProps {
  readonly whistle: WhistleView;
  readonly party: PartyView;
  /** Large buttons for who stands on the site. */
  readonly isOwn: boolean;
  readonly onOffer: (offer: WhistleOffer) => void;
}

export function PartyCard({ whistle, party, isOwn, onOffer }: PartyCardProps) {
  const { t } = useTranslation();
  const names = useNames();
  const session = useSelect((state) => state.session);
  const offers = partyOffers(whistle, party, session);
  return (
    <li className="party" data-own={isOwn}>
      <div className="party-head">
        <b>{names.department(party.department)}</b>
        <span className="role" data-role={party.required ? "lead" : "informed"}>
          {t(party.required ? "whistle.party.required" : "whistle.party.optional")}
        </span>
        <PartyMarks party={party} />
      </div>
      <StepsLine party={party} />
      {party.waived === null && (
        <Deadline startedAt={party.calledAt} dueAt={party.dueAt} stoppedAt={party.checkedInAt} />
      )}
      <PartyWords party={party} />
      {offers.length > 0 && (
        <div className="party-buttons">
          {offers.map((offer) => (
            <OfferButtons key={offer.kind} offer={offer} isOwn={isOwn} onOffer={onOffer} />
          ))}
        </div>
      )}
    </li>
  );
}

function PartyMarks({ party }: Pick<PartyCardProps, "party">) {
  const { t } = useTranslation();
  const nowMs = useBrainNow(party.checkedInAt === null);
  const progress = progressOf(party, nowMs);
  return (
    <>
      {progress.isLate && (
        <span className="mark mark-bad">
          <Icon name="pulse" />
          {t("whistle.party.late")}
        </span>
      )}
      {progress.isDeclined && (
        <span className="mark mark-bad">
          <Icon name="close" />
          {t("whistle.party.declined")}
        </span>
      )}
      {progress.isWaived && <span className="mark">{t("whistle.party.waived")}</span>}
    </>
  );
}

/** Five steps, each ticked or open; the tick is told in words too. */
function StepsLine({ party }: Pick<PartyCardProps, "party">) {
  const { t } = useTranslation();
  const { step } = progressOf(party, 0);
  const reached = PARTY_STEPS.indexOf(step);
  return (
    <ol className="party-steps">
      {PARTY_STEPS.map((one, index) => {
        const name = t(`whistle.step.${one}`);
        const isDone = index <= reached && isTrue(one, party);
        return (
          <li key={one} data-done={isDone}>
            {isDone && <Icon name="check" />}
            <span aria-hidden="true">{name}</span>
            <span className="sr-only">
              {t(isDone ? "whistle.stepDone" : "whistle.stepOpen", { step: name })}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** Who comes without having answered first has not answered. */
function isTrue(step: (typeof PARTY_STEPS)[number], party: PartyView): boolean {
  return step !== "answered" || party.answeredAt !== null;
}

function PartyWords({ party }: { readonly party: PartyView }) {
  const { t } = useTranslation();
  const { checkedInAt, checkedInBy, distanceM, measure, result, waived } = party;
  return (
    <div className="party-words muted">
      {checkedInAt !== null && checkedInBy !== null && (
        <p>
          <Moment at={checkedInAt} /> {t(`whistle.party.by.${checkedInBy}`)}
          {distanceM !== null && ` · ${t("whistle.party.distance", { metres: distanceM })}`}
        </p>
      )}
      {measure !== null && <p>{t("whistle.party.measure", { text: measure })}</p>}
      {result !== null && <p>{t("whistle.party.result", { text: result })}</p>}
      {waived !== null && <p>{t("whistle.party.waivedBecause", { reason: waived.reason })}</p>}
      {party.ratingOf !== null && <p>{t("whistle.party.rating", { score: party.ratingOf })}</p>}
    </div>
  );
}

interface OfferProps {
  readonly offer: WhistleOffer;
  readonly isOwn: boolean;
  readonly onOffer: (offer: WhistleOffer) => void;
}

function OfferButtons({ offer, isOwn, onOffer }: OfferProps) {
  const { t } = useTranslation();
  const size = isOwn ? "button button-main" : "button button-small";
  if (offer.kind !== "check-in") {
    return (
      <button type="button" className={size} onClick={() => onOffer(offer)}>
        {t(`whistle.do.${offer.kind}`)}
      </button>
    );
  }
  // On the site: by place first, by code where there is no place. In the room: somebody vouches.
  return (
    <>
      {isOwn && (
        <button type="button" className={size} onClick={() => onOffer({ ...offer, by: "place" })}>
          <Icon name="place" />
          {t("whistle.do.place")}
        </button>
      )}
      {isOwn && (
        <button type="button" className="button" onClick={() => onOffer({ ...offer, by: "code" })}>
          {t("whistle.do.check-in")}
        </button>
      )}
      {!isOwn && (
        <button
          type="button"
          className={size}
          onClick={() => onOffer({ ...offer, by: "attestation" })}
        >
          {t("whistle.do.attest")}
        </button>
      )}
    </>
  );
}
