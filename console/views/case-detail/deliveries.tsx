/** Every message to a department with every attempt: what was tried, when, and what came back. */
import { useTranslation } from "react-i18next";
import type { DeliveryView } from "../../../protocol/index.ts";
import { formatCountdown, formatDuration } from "../../model/index.ts";
import { useBrainNow } from "../context.tsx";
import { Icon } from "../icons.tsx";
import { Moment, useNames } from "../wording.tsx";
import { Card } from "./card.tsx";

type Attempt = DeliveryView["attempts"][number];

export function DeliveriesCard({ deliveries }: { readonly deliveries: readonly DeliveryView[] }) {
  const { t } = useTranslation();
  return (
    <Card title={t("detail.deliveries")} area="deliveries" count={deliveries.length}>
      {deliveries.length === 0 && <p className="muted">{t("delivery.none")}</p>}
      <ul className="deliveries">
        {deliveries.map((delivery) => (
          <DeliveryBlock key={delivery.id} delivery={delivery} />
        ))}
      </ul>
    </Card>
  );
}

function DeliveryBlock({ delivery }: { readonly delivery: DeliveryView }) {
  const { t } = useTranslation();
  const names = useNames();
  return (
    <li>
      <div className="delivery-head">
        <span>{names.department(delivery.department)}</span>
        <span className="delivery-state" data-state={delivery.state}>
          {delivery.state === "DELIVERED" && <Icon name="check" />}
          {delivery.state === "DEAD" && <Icon name="close" />}
          {t(`delivery.state.${delivery.state}`)}
        </span>
        {delivery.nextAttemptAt !== null && delivery.state === "PENDING" && (
          <NextAttempt at={delivery.nextAttemptAt} />
        )}
      </div>
      <p className="delivery-url mono">{delivery.url}</p>
      {delivery.attempts.length === 0 ? (
        <p className="muted">{t("delivery.noAttempt")}</p>
      ) : (
        <ol className="attempts">
          {delivery.attempts.map((attempt) => (
            <AttemptLine key={attempt.number} attempt={attempt} />
          ))}
        </ol>
      )}
    </li>
  );
}

function AttemptLine({ attempt }: { readonly attempt: Attempt }) {
  const { t } = useTranslation();
  const { status } = attempt;
  return (
    <li data-failed={attempt.error !== null}>
      <span>{t("delivery.attempt", { number: attempt.number })}</span>
      <Moment at={attempt.at} exact />
      <span className="mono attempt-status">
        <Icon name={attempt.error === null ? "check" : "close"} />
        {status === null ? t("delivery.noAnswer") : t("delivery.http", { status })}
      </span>
      <span className="mono">{formatDuration(attempt.durationMs)}</span>
      {attempt.error !== null && <span className="reason">{attempt.error}</span>}
    </li>
  );
}

function NextAttempt({ at }: { readonly at: string }) {
  const { t } = useTranslation();
  const leftMs = Date.parse(at) - useBrainNow();
  return (
    <span className="muted">
      {leftMs <= 0 ? t("delivery.nextDue") : t("delivery.next", { time: formatCountdown(leftMs) })}
    </span>
  );
}
