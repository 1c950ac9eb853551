/** Top of every page: where one is, who one is, whether it is live, whether the system is well. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGES } from "../i18n/index.ts";
import { may, pageHref, pagesFor } from "../model/index.ts";
import { useNow, useRoute, useSelect } from "./context.tsx";
import { ConnectionPill } from "./connection.tsx";
import { HealthChips } from "./health-chips.tsx";
import { EyeMark, Icon } from "./icons.tsx";
import { usePreferences } from "./preferences.tsx";
import { SoundSwitch } from "./sound.tsx";
import { UrgentBanner } from "./urgent-banner.tsx";
import { WhoMenu } from "./who-menu.tsx";
import { useLanguage, useTimeWords } from "./wording.tsx";

export function TopBar() {
  const { t } = useTranslation();
  const isSignedOut = useSelect((state) => state.phase === "signed-out");
  const isReady = useSelect((state) => state.phase === "ready");
  const seesHealth = useSelect((state) => may(state.session, "health.view"));
  return (
    <div className="masthead">
      <header className="top">
        <a className="skip" href="#incidents" onClick={skipToContent}>
          {t("skip")}
        </a>
        <h1 className="brand" aria-label={t("product.full")}>
          <EyeMark />
          <span>{t("product.name")}</span>
          <span className="brand-brain">{t("product.brain")}</span>
        </h1>
        {!isSignedOut && (
          <>
            <ConnectionPill />
            {seesHealth && <HealthChips />}
          </>
        )}
        <WallClock />
        <Switches />
      </header>
      {isReady && <Pages />}
      {isReady && <UrgentBanner />}
    </div>
  );
}

/** The address keeps the page, so the link moves the focus only. */
function skipToContent(event: React.MouseEvent): void {
  event.preventDefault();
  const target = document.querySelector<HTMLElement>(".rows a[tabindex='0'], #search");
  (target ?? document.querySelector<HTMLElement>("main"))?.focus();
}

function Pages() {
  const { t } = useTranslation();
  const { page: current } = useRoute();
  const session = useSelect((state) => state.session);
  const list = useRef<HTMLUListElement>(null);
  // On a phone the list is longer than the screen.
  useEffect(() => {
    const link = list.current?.querySelector("[aria-current]");
    link?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  return (
    <nav className="pages" aria-label={t("nav.label")}>
      <ul ref={list}>
        {pagesFor(session).map((page) => (
          <li key={page}>
            <a href={pageHref(page)} aria-current={page === current ? "page" : undefined}>
              {t(`nav.${page}`)}
            </a>
          </li>
        ))}
      </ul>
      {may(session, "case.view") && <SoundSwitch />}
      <WhoMenu />
    </nav>
  );
}

function WallClock() {
  const { t } = useTranslation();
  const times = useTimeWords();
  const nowMs = useNow();
  return (
    <span className="wall-clock" role="timer" aria-label={t("wallClock", { zone: times.zone })}>
      <span className="wall-day">{times.day(nowMs)}</span>
      <span className="wall-time mono">{times.time(nowMs)}</span>
      <span className="wall-zone">{times.zone}</span>
    </span>
  );
}

function Switches() {
  const { t } = useTranslation();
  const language = useLanguage();
  const { theme, setLanguage, setTheme } = usePreferences();
  return (
    <div className="switches">
      <div className="segments" role="group" aria-label={t("language.label")}>
        {LANGUAGES.map((option) => (
          <button
            key={option}
            type="button"
            lang={option === "zh" ? "zh-CN" : "en"}
            aria-pressed={option === language}
            onClick={() => setLanguage(option)}
          >
            {t(`language.${option}`)}
          </button>
        ))}
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label={t(theme === "dark" ? "theme.toLight" : "theme.toDark")}
        title={t(theme === "dark" ? "theme.toLight" : "theme.toDark")}
        onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
      >
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
    </div>
  );
}
