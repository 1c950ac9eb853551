/** Whether what is shown is live, and how old it is when it is not. */
import { useTranslation } from "react-i18next";
import { useLive, useNow, useSelect } from "./context.tsx";
import { useAgeWords } from "./wording.tsx";

export function ConnectionPill() {
  const { t } = useTranslation();
  const connection = useSelect((state) => state.connection);
  return (
    <span className="connection" data-state={connection}>
      <i aria-hidden="true" />
      {t(`connection.${connection}`)}
    </span>
  );
}

/** Said once to those who listen; the age ticks for those who see. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const live = useLive();
  const connection = useSelect((state) => state.connection);
  const phase = useSelect((state) => state.phase);
  const isLost = phase === "ready" && (connection === "silent" || connection === "reconnecting");
  return (
    <div role="alert" className="banner-slot">
      {isLost && (
        <div className="banner">
          <span className="sr-only">{t(`connection.${connection}`)}</span>
          <span aria-hidden="true">
            <LostWords />
          </span>
          <button type="button" className="button" onClick={live.retryNow}>
            {t("connection.retry")}
          </button>
        </div>
      )}
    </div>
  );
}

function LostWords() {
  const { t } = useTranslation();
  const words = useAgeWords();
  const nowMs = useNow();
  const heardAtMs = useSelect((state) => state.heardAtMs) ?? nowMs;
  const seconds = Math.max(1, Math.round((nowMs - heardAtMs) / 1000));
  const age = seconds < 5 ? t("age.s", { count: seconds }) : words(heardAtMs, nowMs);
  return t("connection.banner", { age });
}
