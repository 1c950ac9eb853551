/** Departments that a form about a case lets choose from. */
import { useMemo } from "react";
import type { CaseSummary } from "../../../protocol/index.ts";
import { suggestedFor } from "../../model/index.ts";
import { useSelect } from "../context.tsx";
import { useNames } from "../wording.tsx";
import type { FieldChoices } from "./fields.tsx";

type Subject = Pick<CaseSummary, "id" | "eventType" | "lead" | "serviceLevel">;

/** Proposed departments stand first; all of them can be chosen. */
export function useChoices(summary: Subject, routedCo?: readonly string[]): FieldChoices {
  const names = useNames();
  const catalogue = useSelect((state) => state.catalogue);
  return useMemo(() => {
    const { lead, proposed } = suggestedFor(summary, catalogue, routedCo);
    const first: readonly string[] = [lead, ...proposed];
    const others = (catalogue?.departments ?? [])
      .map(({ code }) => code as string)
      .filter((code) => !first.includes(code));
    return {
      caseId: summary.id,
      lead,
      departments: [...first, ...others].map((code) => ({
        value: code,
        label: names.department(code),
        isSuggested: first.includes(code),
      })),
    };
  }, [names, catalogue, summary, routedCo]);
}
