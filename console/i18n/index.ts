/** Languages of the page: Chinese first, English complete, the choice remembered. */
import { createInstance, type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import type { camerasZh } from "./cameras-zh.ts";
import { en } from "./en.ts";
import { zh, type Translation, type Words } from "./zh.ts";

export const LANGUAGES = ["zh", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: Translation; cameras: Words<typeof camerasZh> };
    returnNull: false;
  }
}

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language);
}

export async function createI18n(language: Language): Promise<i18n> {
  const instance = createInstance();
  await instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: "zh",
    resources: { zh: { translation: zh }, en: { translation: en } },
    // React escapes what it renders.
    interpolation: { escapeValue: false },
  });
  return instance;
}
