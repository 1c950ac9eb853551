/** A new S0 is said across the page, on every page, until the operator has taken note of it. */
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { isOpen } from "../model/index.ts";
import { caseHref, useLive, useSelect } from "./context.tsx";
import { SeveritySign } from "./icons.tsx";
import { chime, useSound } from "./sound.tsx";
import { Ago, useLanguage } from "./wording.tsx";

const RING_AGAIN_MS = 10_000;

export function UrgentBanner() {
  const { t } = useTranslation();
  const { store } = useLive();
  const language = useLanguage();
  const urgent = useSelect((state) => state.urgent);
  const cases = useSelect((state) => state.cases);
  const items = urgent.flatMap((id) => cases.get(id) ?? []).filter(isOpen);
  useRing(urgent, items.length > 0);
  const first = items[0];
  if (first === undefined) {
    return null;
  }
  const note = (ids: readonly string[]): void => store.dispatch({ kind: "noted", ids });
  return (
    <section className="urgent" aria-label={t("urgent.label")}>
      <SeveritySign severity={1} />
      <strong>{t("urgent.title", { count: items.length })}</strong>
      <a href={caseHref(first.id)} onClick={() => note([first.id])}>
        {first.title[language]} · {first.camera.name}
        {first.location.gridCode !== undefined && ` · ${first.location.gridCode}`}
      </a>
      <Ago at={first.onset} />
      <button type="button" className="button button-small" onClick={() => note(urgent)}>
        {t("urgent.noted")}
      </button>
    </section>
  );
}

/** Rings for each newcomer, and again until all have been noted. */
function useRing(urgent: readonly string[], isAlarming: boolean): void {
  const isSounding = useSound();
  const newest = urgent.at(-1);
  useEffect(() => {
    if (!isSounding || !isAlarming || newest === undefined) {
      return;
    }
    chime.play();
    const timer = window.setInterval(() => chime.play(), RING_AGAIN_MS);
    return () => window.clearInterval(timer);
  }, [newest, isAlarming, isSounding]);
}
