/** What is open at a place, in words. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { OpenCount } from "../../../protocol/index.ts";

export function useCountWords(): (counts: OpenCount) => string {
  const { t } = useTranslation();
  return useCallback(
    ({ open, urgent }) => {
      if (open === 0) {
        return t("wall.noneOpen");
      }
      const all = t("wall.openCount", { count: open });
      return urgent === 0 ? all : `${all} · ${t("wall.urgentCount", { count: urgent })}`;
    },
    [t],
  );
}
