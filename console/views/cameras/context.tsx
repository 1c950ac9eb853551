/** Gives the views of this page the brain's answers about cameras, and its words. */
import { createContext, useContext } from "react";
import type { i18n } from "i18next";
import { useTranslation } from "react-i18next";
import { camerasEn } from "../../i18n/cameras-en.ts";
import { camerasZh } from "../../i18n/cameras-zh.ts";
import type { CameraApi } from "../../model/cameras/index.ts";

const CameraContext = createContext<CameraApi | null>(null);
export const CameraProvider = CameraContext.Provider;

export function useCameraApi(): CameraApi {
  const api = useContext(CameraContext);
  if (api === null) {
    throw new Error("useCameraApi needs a CameraProvider above it");
  }
  return api;
}

/** These words come with this page, not with the first view. */
export function bringWords(instance: i18n): void {
  if (!instance.hasResourceBundle("zh", "cameras")) {
    instance.addResourceBundle("zh", "cameras", camerasZh);
    instance.addResourceBundle("en", "cameras", camerasEn);
  }
}

/** Words of this page. */
export function useWords() {
  return useTranslation("cameras").t;
}
export type PageWords = ReturnType<typeof useWords>;
