/** Who changed the camera's plan, when, what and why. */
import type { CameraDetail, PlanChange } from "../../../protocol/index.ts";
import { DataTable, type Column } from "../data-table.tsx";
import { At } from "../admin/parts.tsx";
import { useWords } from "./context.tsx";

export function History({ detail }: { readonly detail: CameraDetail }) {
  const words = useWords();
  const columns: readonly Column<PlanChange>[] = [
    { head: words("history.version"), cell: ({ version }) => version, isNumber: true },
    { head: words("history.at"), cell: ({ at }) => <At at={at} /> },
    { head: words("history.by"), cell: ({ by }) => <span title={by.id}>{by.name}</span> },
    {
      head: words("history.did"),
      cell: ({ did, ruleIds }) => (
        <>
          {did.map((one) => words(`did.${one}`)).join(words("listComma"))}{" "}
          <span className="mono muted wrap">{ruleIds.join(", ")}</span>
        </>
      ),
    },
    { head: words("history.reason"), cell: ({ reason }) => <span className="wrap">{reason}</span> },
  ];
  return (
    <section className="card table-card" aria-label={words("history.title")}>
      <h3>{words("history.title")}</h3>
      <DataTable
        label={words("history.title")}
        columns={columns}
        rows={detail.history}
        keyOf={({ version }) => String(version)}
      />
    </section>
  );
}
