/** The messages of the edge node that belong to the case. */
import { useTranslation } from "react-i18next";
import type { CaseDetail } from "../../../protocol/index.ts";
import { formatDuration } from "../../model/index.ts";
import { Moment } from "../wording.tsx";
import { Card } from "./card.tsx";

export function EventsCard({ events }: Pick<CaseDetail, "events">) {
  const { t } = useTranslation();
  const areSeveral = events.some(({ camera }) => camera !== events[0]?.camera);
  return (
    <Card title={t("detail.events")} area="events" count={events.length}>
      {events.length === 0 && <p className="muted">{t("events.none")}</p>}
      <ol className="edge-events">
        {events.map((event) => (
          <li key={event.id}>
            <span className="code">{t(`phase.${event.phase}`)}</span>
            {areSeveral && <span className="mono">{event.camera}</span>}
            <span>
              {t("events.captured")} <Moment at={event.capturedAt} exact />
            </span>
            <span>
              {t("events.accepted")} <Moment at={event.acceptedAt} exact />
            </span>
            <span className="mono">
              +{formatDuration(Date.parse(event.acceptedAt) - Date.parse(event.capturedAt))}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
