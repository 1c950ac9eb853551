/** What the case looked like, and what it looks like now, side by side for who checks it. */
import { useTranslation } from "react-i18next";
import type { AfterPictureView, CaseSummary } from "../../../protocol/index.ts";
import { Icon } from "../icons.tsx";
import { Snapshot } from "../snapshot.tsx";
import { useNames, useTimeWords } from "../wording.tsx";
import { Card } from "./card.tsx";
import "../../styles/photos.css";

interface BeforeAfterProps {
  readonly item: CaseSummary;
  readonly pictures: readonly AfterPictureView[];
}

export function BeforeAfterCard({ item, pictures }: BeforeAfterProps) {
  const { t } = useTranslation();
  const times = useTimeWords();
  if (pictures.length === 0) {
    return null;
  }
  return (
    <Card title={t("photos.title")} area="before-after" count={pictures.length}>
      <div className="before-after">
        <figure>
          <Snapshot item={item} size="full" />
          <figcaption>
            <b>{t("photos.before")}</b> <span className="mono">{times.dateTime(item.onset)}</span>
          </figcaption>
        </figure>
        {pictures.map((picture, index) => (
          <After key={`${picture.round} ${picture.sha256}`} picture={picture} number={index + 1} />
        ))}
      </div>
    </Card>
  );
}

interface AfterProps {
  readonly picture: AfterPictureView;
  readonly number: number;
}

function After({ picture, number }: AfterProps) {
  const { t } = useTranslation();
  const names = useNames();
  const times = useTimeWords();
  const { state, sha256, url, width, height, round, takenAt, goneAt } = picture;
  const [kind, code = ""] = picture.actor.split(":");
  const who = kind === "department" ? names.department(code) : t("photos.room");
  return (
    <figure>
      {state === "stored" ? (
        <a href={url} target="_blank" rel="noreferrer" title={t("photos.open")}>
          <img src={url} width={width} height={height} alt={t("photos.alt", { number })} />
        </a>
      ) : (
        <span className="snapshot snapshot-full snapshot-empty" data-reason={state}>
          <Icon name="picture" />
          <span>
            {state === "deleted" && goneAt !== null
              ? t("photos.deleted", { date: times.dateTime(goneAt) })
              : t("photos.damaged")}
          </span>
        </span>
      )}
      <figcaption>
        <b>{t("photos.after")}</b> {round > 1 && <>{t("photos.round", { count: round })} · </>}
        {t("photos.taken")} <span className="mono">{times.dateTime(takenAt)}</span>
        <br />
        {t("photos.afterBy", { who })}{" "}
        <span className="mono" title={sha256}>
          {t("snapshot.digest", { digest: sha256.slice(0, 12) })}
        </span>
      </figcaption>
    </figure>
  );
}
