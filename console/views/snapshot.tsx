/** The picture of a case, or an honest placeholder of the same size. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseSummary } from "../../protocol/index.ts";
import { useLanguage, useTimeWords } from "./wording.tsx";
import { Icon } from "./icons.tsx";

interface SnapshotProps {
  readonly item: CaseSummary;
  readonly size: "thumb" | "full";
}

export function Snapshot({ item, size }: SnapshotProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const times = useTimeWords();
  const { snapshot } = item;
  // A failed picture is tried again when the case changes.
  const [brokenVersion, setBrokenVersion] = useState(0);
  if (snapshot === null || !snapshot.available || brokenVersion === item.version) {
    const reason =
      snapshot === null ? "none" : snapshot.available ? "broken" : ("pending" as const);
    const gone = snapshot?.gone;
    return (
      <span
        className={`snapshot snapshot-${size} snapshot-empty`}
        data-reason={gone?.why ?? reason}
        title={snapshot?.sha256}
      >
        <Icon name="picture" />
        <span>
          {gone === undefined
            ? t(`snapshot.${reason}`)
            : t(`photos.${gone.why}`, { date: times.dateTime(gone.at) })}
        </span>
      </span>
    );
  }
  const alt = t("snapshot.alt", { title: item.title[language], camera: item.camera.name });
  return (
    <span className={`snapshot snapshot-${size}`}>
      <img
        key={snapshot.sha256}
        src={snapshot.url}
        width={snapshot.width}
        height={snapshot.height}
        alt={size === "full" ? alt : ""}
        loading={size === "thumb" ? "lazy" : "eager"}
        decoding="async"
        onError={() => setBrokenVersion(item.version)}
      />
    </span>
  );
}
