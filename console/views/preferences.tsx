/** What this browser remembers: language and theme. */
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { isLanguage, type Language } from "../i18n/index.ts";

export type Theme = "dark" | "light";

const LANGUAGE_KEY = "sesb.language";
/** `public/theme.js` reads it before the first paint. */
const THEME_KEY = "sesb.theme";

export function rememberedLanguage(): Language {
  const value = read(LANGUAGE_KEY);
  return isLanguage(value) ? value : "zh";
}

export interface Preferences {
  readonly theme: Theme;
  readonly setTheme: (theme: Theme) => void;
  readonly setLanguage: (language: Language) => void;
}

export function usePreferences(): Preferences {
  const { i18n } = useTranslation();
  const [theme, choose] = useState<Theme>(() =>
    document.documentElement.dataset["theme"] === "light" ? "light" : "dark",
  );
  const setTheme = useCallback((next: Theme) => {
    document.documentElement.dataset["theme"] = next;
    write(THEME_KEY, next);
    choose(next);
  }, []);
  const setLanguage = useCallback(
    (next: Language) => {
      write(LANGUAGE_KEY, next);
      void i18n.changeLanguage(next);
    },
    [i18n],
  );
  return { theme, setTheme, setLanguage };
}

/** Keeps the document's language and title in step. */
export function useDocumentLanguage(): void {
  const { t, i18n } = useTranslation();
  useEffect(() => {
    document.documentElement.lang = i18n.language === "zh" ? "zh-CN" : i18n.language;
    document.title = t("product.full");
  }, [t, i18n.language]);
}

/** Storage may be forbidden; then the choice lasts as long as the page. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}
