/** Events that were refused, and why. */
import { useTranslation } from "react-i18next";
import type { QuarantineEntry } from "../../model/index.ts";
import { CsvButton, DataTable, type Column } from "../data-table.tsx";
import { useAnswer, useOffice } from "../office.tsx";
import { AskState, At } from "./parts.tsx";

export function QuarantineTab() {
  const { t } = useTranslation();
  const office = useOffice();
  const answer = useAnswer("quarantine", (signal) => office.quarantine(signal));
  const columns = useColumns();
  const rows = answer.value?.items ?? [];
  return (
    <section className="card table-card" aria-label={t("admin.quarantine")}>
      <h3>
        {t("admin.quarantine")}
        <CsvButton name="quarantine" title={t("admin.quarantine")} columns={columns} rows={rows} />
      </h3>
      <AskState {...answer} onRetry={answer.reload} />
      {answer.value !== null && (
        <DataTable
          label={t("admin.quarantine")}
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
        />
      )}
    </section>
  );
}

function useColumns(): readonly Column<QuarantineEntry>[] {
  const { t } = useTranslation();
  return [
    { head: t("admin.time"), cell: ({ at }) => <At at={at} />, csv: ({ at }) => at },
    { head: t("admin.node"), cell: ({ nodeId }) => nodeId, csv: ({ nodeId }) => nodeId },
    {
      head: t("admin.event"),
      cell: ({ eventId }) => <span className="mono wrap">{eventId ?? "–"}</span>,
      csv: ({ eventId }) => eventId,
    },
    {
      head: t("admin.problem"),
      cell: ({ problem }) => (
        <span className="wrap">
          <span className="code">{problem.code}</span> {problem.message}
        </span>
      ),
      csv: ({ problem }) => `${problem.code}: ${problem.message}`,
    },
    {
      head: t("admin.expected"),
      cell: ({ problem }) => <span className="wrap">{problem.expected ?? "–"}</span>,
      csv: ({ problem }) => problem.expected ?? null,
    },
    {
      head: t("admin.body"),
      cell: ({ body }) => (
        <details>
          <summary>{t("admin.body")}</summary>
          <pre className="mono raw">{body}</pre>
        </details>
      ),
      csv: ({ body }) => body,
    },
  ];
}
