/** What operators think of each rule's alarms. */
import { useTranslation } from "react-i18next";
import type { Figures } from "../../../protocol/index.ts";
import { percent } from "../../model/index.ts";
import { ShareBar, TableCard, type Column } from "../data-table.tsx";
import { useTypeNames } from "./clock-figures.tsx";

type Verdict = Figures["verdicts"][number];

export function VerdictFigures({ figures }: { readonly figures: Figures }) {
  const { t } = useTranslation();
  const typeName = useTypeNames();
  const counts = (["confirmed", "rejected", "automatic"] as const).map(
    (name): Column<Verdict> => ({
      head: t(`figures.${name}`),
      cell: (verdict) => verdict[name],
      csv: (verdict) => verdict[name],
      isNumber: true,
    }),
  );
  const columns: readonly Column<Verdict>[] = [
    {
      head: t("figures.type"),
      cell: ({ eventType }) => (
        <>
          {typeName(eventType)} <span className="code">{eventType}</span>
        </>
      ),
      csv: ({ eventType }) => eventType,
    },
    {
      head: t("figures.rule"),
      cell: ({ rule }) => <span className="mono">{rule === "" ? "–" : rule}</span>,
      csv: ({ rule }) => rule,
    },
    {
      head: t("figures.precision"),
      cell: ({ precision }) => <ShareBar share={precision} text={percent(precision)} />,
      csv: ({ precision }) => precision,
    },
    ...counts,
  ];
  return (
    <TableCard
      title={t("figures.precision")}
      name="precision"
      hint={t("figures.precisionHint")}
      columns={columns}
      rows={figures.verdicts}
      keyOf={({ eventType, rule }) => `${eventType} ${rule}`}
    />
  );
}
