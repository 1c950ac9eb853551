/** The three clocks per grid, department or event type. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ClockName, Figures, GroupFigure } from "../../../protocol/index.ts";
import { formatDuration, percent } from "../../model/index.ts";
import { useSelect } from "../context.tsx";
import { ShareBar, TableCard, type Column } from "../data-table.tsx";
import { useLanguage, useNames } from "../wording.tsx";

const GROUPS = ["types", "departments", "grids"] as const;
type Group = (typeof GROUPS)[number];
const WORDS = { types: "byType", departments: "byDepartment", grids: "byGrid" } as const;
const CLOCKS: readonly ClockName[] = ["report", "dispatch", "contain"];

interface Named extends GroupFigure {
  readonly name: string;
}

export function ClockFigures({ figures }: { readonly figures: Figures }) {
  const { t } = useTranslation();
  const [by, setBy] = useState<Group>("types");
  const nameOf = useGroupNames();
  const rows: readonly Named[] = [
    { ...figures.all, name: t("figures.all") },
    ...figures[by].map((group) => ({ ...group, name: nameOf(by, group.key) })),
  ];
  return (
    <TableCard
      title={t("figures.clocks")}
      name={`clocks-${by}`}
      hint={t("figures.clocksHint")}
      columns={useColumns()}
      rows={figures.all.cases === 0 ? [] : rows}
      keyOf={({ key, name }) => `${key ?? ""} ${name}`}
    >
      <div className="segments table-choice" role="group" aria-label={t("figures.by")}>
        {GROUPS.map((group) => (
          <button
            key={group}
            type="button"
            aria-pressed={group === by}
            onClick={() => setBy(group)}
          >
            {t(`figures.${WORDS[group]}`)}
          </button>
        ))}
      </div>
    </TableCard>
  );
}

export function useTypeNames(): (code: string) => string {
  const language = useLanguage();
  const catalogue = useSelect((state) => state.catalogue);
  const names = new Map<string, string>(
    catalogue?.eventTypes.map((type) => [type.code, type[language]]),
  );
  return (code) => names.get(code) ?? code;
}

function useGroupNames(): (by: Group, key: string | null) => string {
  const { t } = useTranslation();
  const names = useNames();
  const typeName = useTypeNames();
  return (by, key) => {
    if (key === null) {
      return t("figures.noGrid");
    }
    return by === "grids" ? key : by === "departments" ? names.department(key) : typeName(key);
  };
}

function useColumns(): readonly Column<Named>[] {
  const { t } = useTranslation();
  const time = (ms: number | null): string => (ms === null ? "–" : formatDuration(ms));
  const seconds = (ms: number | null): number | null =>
    ms === null ? null : Math.round(ms / 100) / 10;
  return [
    {
      head: t("figures.by"),
      cell: ({ name, key }) => (
        <>
          {name} {key !== null && key !== name && <span className="code">{key}</span>}
        </>
      ),
      csv: ({ name }) => name,
    },
    { head: "ID", csv: ({ key }) => key },
    {
      head: t("figures.cases"),
      cell: ({ cases }) => cases,
      csv: ({ cases }) => cases,
      isNumber: true,
    },
    ...CLOCKS.flatMap((clock): Column<Named>[] => {
      const name = t(`clock.${clock}`);
      return [
        {
          head: `${name} · ${t("figures.inTime")}`,
          cell: ({ clocks }) => (
            <ShareBar share={clocks[clock].inTime} text={percent(clocks[clock].inTime)} />
          ),
          csv: ({ clocks }) => clocks[clock].inTime,
        },
        {
          head: `${t("figures.median")} / ${t("figures.p95")} (${t(`clock.short.${clock}`)})`,
          cell: ({ clocks }) => `${time(clocks[clock].medianMs)} / ${time(clocks[clock].p95Ms)}`,
          isNumber: true,
        },
        {
          head: `${name} · ${t("figures.median")} (s)`,
          csv: ({ clocks }) => seconds(clocks[clock].medianMs),
        },
        {
          head: `${name} · ${t("figures.p95")} (s)`,
          csv: ({ clocks }) => seconds(clocks[clock].p95Ms),
        },
        {
          head: `${t("figures.late")} (${t(`clock.short.${clock}`)})`,
          cell: ({ clocks }) => clocks[clock].late,
          csv: ({ clocks }) => clocks[clock].late,
          isNumber: true,
        },
      ];
    }),
  ];
}
