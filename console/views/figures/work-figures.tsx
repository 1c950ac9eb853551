/** How departments answer and solve, and what those who reported think of it. */
import { useTranslation } from "react-i18next";
import type { Figures } from "../../../protocol/index.ts";
import { formatDuration, percent } from "../../model/index.ts";
import { ShareBar, TableCard, type Column } from "../data-table.tsx";
import { useNames } from "../wording.tsx";

type Work = Figures["work"][number];

export function WorkFigures({ figures }: { readonly figures: Figures }) {
  const { t } = useTranslation();
  const names = useNames();
  const count = (name: "tasks" | "returned" | "led" | "rated"): Column<Work> => ({
    head: t(`figures.${name}`),
    cell: (work) => work[name],
    csv: (work) => work[name],
    isNumber: true,
  });
  const rate = (
    name: "responseRate" | "solutionRate" | "satisfactionRate",
    head: string,
  ): Column<Work> => ({
    head,
    cell: (work) => <ShareBar share={work[name]} text={percent(work[name])} />,
    csv: (work) => work[name],
  });
  const columns: readonly Column<Work>[] = [
    {
      head: t("figures.department"),
      cell: ({ department }) => (
        <>
          {names.department(department)} <span className="code">{department}</span>
        </>
      ),
      csv: ({ department }) => names.department(department),
    },
    count("tasks"),
    rate("responseRate", t("figures.response")),
    {
      head: t("figures.answerTime"),
      cell: ({ medianAnswerMs }) =>
        medianAnswerMs === null ? "–" : formatDuration(medianAnswerMs),
      csv: ({ medianAnswerMs }) =>
        medianAnswerMs === null ? null : Math.round(medianAnswerMs / 100) / 10,
      isNumber: true,
    },
    count("returned"),
    count("led"),
    rate("solutionRate", t("figures.solution")),
    count("rated"),
    rate("satisfactionRate", t("figures.satisfaction")),
  ];
  return (
    <TableCard
      title={t("figures.work")}
      name="departments"
      hint={t("figures.workHint")}
      columns={columns}
      rows={figures.work}
      keyOf={({ department }) => department}
    />
  );
}
