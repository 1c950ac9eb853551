/** Incidents a day, found by cameras and told by people. */
import { useTranslation } from "react-i18next";
import type { Figures } from "../../../protocol/index.ts";
import { percent } from "../../model/index.ts";
import { TableCard, type Column } from "../data-table.tsx";
import { DayChart } from "./day-chart.tsx";

type Day = Figures["days"][number];

export function DayFigures({ figures }: { readonly figures: Figures }) {
  const { t } = useTranslation();
  const { days, discovery } = figures;
  const share = ({ machine, people }: Day): number | null =>
    machine + people === 0 ? null : machine / (machine + people);
  const columns: readonly Column<Day>[] = [
    { head: t("figures.date"), cell: ({ day }) => day, csv: ({ day }) => day },
    {
      head: t("figures.machine"),
      cell: ({ machine }) => machine,
      csv: ({ machine }) => machine,
      isNumber: true,
    },
    {
      head: t("figures.people"),
      cell: ({ people }) => people,
      csv: ({ people }) => people,
      isNumber: true,
    },
    {
      head: t("figures.rate"),
      cell: (day) => percent(share(day)),
      csv: share,
      isNumber: true,
    },
  ];
  return (
    <TableCard
      title={t("figures.discovery")}
      name="discovery"
      hint={`${t("figures.discoveryHint")} ${t("figures.rate")}: ${percent(discovery.rate)} (${discovery.machine} / ${discovery.machine + discovery.people})`}
      columns={columns}
      rows={days.toReversed()}
      keyOf={({ day }) => day}
    >
      <DayChart days={days} />
    </TableCard>
  );
}
