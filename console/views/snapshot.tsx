/** The picture of a case, or an honest placeholder of the same size. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseSummary } from "../../protocol/index.ts";
import { useLanguage } from "./wording.tsx";
import { Icon } from "./icons.tsx";

interface SnapshotProps {
  readonly item: CaseSummary;
  readonly size: "thumb" | "full";
}

export function Snapshot({ item, size }: SnapshotProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { snapshot } = item;
  // A failed picture is tried again when the case changes.
  const [brokenVersion, setBrokenVersion] = useState(0);
  if (snapshot === null || !snapshot.available || brokenVersion === item.version) {
    const reason =
      snapshot === null ? "none" : snapshot.available ? "broken" : ("pending" as const);
    return (
      <span className={`snapshot snapshot-${size} snapshot-empty`} data-reason={reason}>
        <Icon name="picture" />
        <span>{t(`snapshot.${reason}`)}</span>
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
