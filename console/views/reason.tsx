/** Why the brain did not do something, in words. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../model/index.ts";

export function useReason(): (cause: unknown) => string {
  const { t } = useTranslation();
  return useCallback(
    (cause) => {
      if (!(cause instanceof ApiError)) {
        return String(cause);
      }
      if (cause.failure === "unreachable") {
        return t("common.unreachable");
      }
      if (cause.problem === null) {
        return cause.status === 403 ? t("common.refused") : cause.message;
      }
      const { message, expected } = cause.problem;
      return expected === undefined ? message : `${message} (${expected})`;
    },
    [t],
  );
}
