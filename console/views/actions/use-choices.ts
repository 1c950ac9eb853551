/** Departments and cases that a form about a case lets choose from. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { CaseSummary } from "../../../protocol/index.ts";
import { mergeTargets, suggestedFor } from "../../model/index.ts";
import { useSelect } from "../context.tsx";
import { useLanguage, useNames } from "../wording.tsx";
import type { FieldChoices } from "./fields.tsx";

type Subject = Pick<
  CaseSummary,
  "id" | "state" | "location" | "eventType" | "lead" | "serviceLevel"
>;

/** Proposed departments stand first; all of them can be chosen. */
export function useChoices(summary: Subject): FieldChoices {
  const { t } = useTranslation();
  const language = useLanguage();
  const names = useNames();
  const catalogue = useSelect((state) => state.catalogue);
  const cases = useSelect((state) => state.cases);
  return useMemo(() => {
    const { lead, proposed } = suggestedFor(summary, catalogue);
    const first: readonly string[] = [lead, ...proposed];
    const others = (catalogue?.departments ?? [])
      .map(({ code }) => code as string)
      .filter((code) => !first.includes(code));
    return {
      lead,
      departments: [...first, ...others].map((code) => ({
        value: code,
        label: names.department(code),
        isSuggested: first.includes(code),
      })),
      cases: mergeTargets(cases.values(), summary).map((item) => ({
        value: item.id,
        label: t("actions.mergeTarget", {
          number: item.number,
          title: item.title[language],
          camera: item.camera.name,
        }),
      })),
    };
  }, [t, language, names, catalogue, cases, summary]);
}
