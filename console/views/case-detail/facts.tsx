/** Where it is, what saw it, and what the privacy statement says. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseDetail, CaseSummary } from "../../../protocol/index.ts";
import { Icon } from "../icons.tsx";
import { formatDuration } from "../../model/index.ts";
import { Card, Fact } from "./card.tsx";

/** Seven decimals are a centimetre: no camera knows better. */
function degrees(value: number): string {
  return value.toFixed(6);
}

export function PlaceCard({ item }: { readonly item: CaseSummary }) {
  const { t } = useTranslation();
  const { location, camera } = item;
  return (
    <Card title={t("detail.place")} area="place">
      <p className="coordinates">
        <Icon name="place" />
        <span className="mono">
          {degrees(location.lat)}, {degrees(location.lon)}
        </span>
        <CopyButton text={`${degrees(location.lat)},${degrees(location.lon)}`} />
      </p>
      <dl className="facts-list">
        <Fact name={t("place.crs")}>{location.crs}</Fact>
        {location.accuracyM !== undefined && (
          <Fact name={t("place.accuracy")}>± {location.accuracyM} m</Fact>
        )}
        <Fact name={t("place.grid")}>
          <span className="mono">{location.gridCode ?? t("list.noGrid")}</span>
        </Fact>
        {location.address !== undefined && (
          <Fact name={t("place.address")}>{location.address}</Fact>
        )}
        <Fact name={t("source.camera")}>
          {camera.name} <span className="code">{camera.id}</span>
        </Fact>
        <Fact name={t("source.node")}>
          <span className="mono">{camera.nodeId}</span>
        </Fact>
      </dl>
    </Card>
  );
}

function CopyButton({ text }: { readonly text: string }) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<"copy" | "copied" | "copyFailed">("copy");
  const copy = (): void => {
    // Without HTTPS a browser offers no clipboard at all.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    const done = clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    done.then(
      () => setOutcome("copied"),
      () => setOutcome("copyFailed"),
    );
  };
  return (
    <button
      type="button"
      className="button button-small"
      onClick={copy}
      onBlur={() => setOutcome("copy")}
    >
      <Icon name={outcome === "copied" ? "check" : "copy"} />
      <span aria-live="polite">{t(`place.${outcome}`)}</span>
    </button>
  );
}

export function DetectionCard({ detection }: Pick<CaseDetail, "detection">) {
  const { t } = useTranslation();
  if (detection === null) {
    return (
      <Card title={t("detail.detection")} area="detection">
        <p className="muted">{t("detection.none")}</p>
      </Card>
    );
  }
  const { model } = detection;
  return (
    <Card title={t("detail.detection")} area="detection">
      <dl className="facts-list">
        <Fact name={t("detection.rule")}>
          {detection.ruleId} <span className="code">{detection.ruleKind}</span>
        </Fact>
        <SubjectFacts detection={detection} />
        <Fact name={t("detection.model")}>
          {model.id} {model.version}{" "}
          <span className="code" title={model.sha256}>
            {model.sha256.slice(0, 12)}
          </span>
        </Fact>
        <Fact name={t("detection.provider")}>{detection.provider}</Fact>
        <Fact name={t("detection.latency")}>
          <span className="mono">{formatDuration(detection.edgeLatencyMs)}</span>
        </Fact>
      </dl>
    </Card>
  );
}

type Detection = NonNullable<CaseDetail["detection"]>;

/** What was seen, where one object was; what was measured, where something was. */
function SubjectFacts({ detection }: { readonly detection: Detection }) {
  const { t } = useTranslation();
  const { label, confidence, trackId, frames, measures } = detection;
  return (
    <>
      {label === undefined ? null : <Fact name={t("detection.label")}>{label}</Fact>}
      {confidence === undefined ? null : (
        <Fact name={t("detection.confidence")}>
          <span className="confidence">
            <i style={{ inlineSize: `${confidence * 100}%` }} aria-hidden="true" />
          </span>
          <span className="mono">{confidence.toFixed(2)}</span>
        </Fact>
      )}
      {trackId === undefined ? null : (
        <Fact name={t("detection.track")}>
          <span className="mono">#{trackId}</span>{" "}
          {frames === undefined ? null : t("detection.frames", { count: frames })}
        </Fact>
      )}
      {Object.entries(measures ?? {}).map(([name, value]) => (
        <Fact key={name} name={t(`measure.${name}`, { defaultValue: name })}>
          <span className="mono">{Number(value.toFixed(2))}</span>
        </Fact>
      ))}
    </>
  );
}

export function PrivacyCard({ privacy }: Pick<CaseDetail, "privacy">) {
  const { t } = useTranslation();
  return (
    <Card title={t("detail.privacy")} area="privacy">
      <dl className="facts-list">
        <Fact name={t("privacy.identified")}>
          <span className="never">
            <Icon name="shield" /> {t("privacy.never")}
          </span>
        </Fact>
        <Fact name={t("privacy.purpose")}>{privacy.purpose}</Fact>
        {privacy.legalBasis !== undefined && (
          <Fact name={t("privacy.basis")}>{privacy.legalBasis}</Fact>
        )}
        <Fact name={t("privacy.masks")}>
          {t(privacy.masksApplied ? "privacy.masked" : "privacy.unmasked")}
        </Fact>
        <Fact name={t("privacy.classification")}>{t(`privacy.${privacy.classification}`)}</Fact>
      </dl>
    </Card>
  );
}
