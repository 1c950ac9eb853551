/** Who did, saw or decided what, and whether the record of it is whole. */
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import type { AuditPage } from "../../../protocol/index.ts";
import type { AuditQuery, AuditReport } from "../../model/index.ts";
import { CsvButton, DataTable, type Column } from "../data-table.tsx";
import { useAnswer, useOffice } from "../office.tsx";
import { AskState, At, Field, word } from "./parts.tsx";

type Item = AuditPage["items"][number];

export function AuditTab() {
  const { t } = useTranslation();
  const office = useOffice();
  const [query, setQuery] = useState<AuditQuery>({});
  const answer = useAnswer(JSON.stringify(query), (signal) => office.audit(query, signal));
  const columns = useColumns();
  const rows = answer.value?.items ?? [];
  const last = rows.at(-1);
  const search = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const words = new FormData(event.currentTarget);
    setQuery({ actor: word(words, "actor"), subject: word(words, "subject") });
  };
  return (
    <>
      <Verification />
      <section className="card table-card" aria-label={t("admin.audit")}>
        <h3>
          {t("admin.audit")}
          <CsvButton name="audit" title={t("admin.audit")} columns={columns} rows={rows} />
        </h3>
        <form className="filter-form" onSubmit={search}>
          <Field label={t("admin.actor")}>
            <input name="actor" maxLength={200} placeholder="operator:…" />
          </Field>
          <Field label={t("admin.subject")}>
            <input name="subject" maxLength={200} placeholder="case:…" />
          </Field>
          <button type="submit" className="button">
            {t("admin.apply")}
          </button>
        </form>
        <AskState {...answer} onRetry={answer.reload} />
        {answer.value !== null && (
          <DataTable
            label={t("admin.audit")}
            columns={columns}
            rows={rows}
            keyOf={({ id }) => id}
          />
        )}
        {rows.length === 100 && last !== undefined && (
          <button
            type="button"
            className="button"
            onClick={() => setQuery({ ...query, before: last.id })}
          >
            {t("common.older")}
          </button>
        )}
      </section>
    </>
  );
}

function useColumns(): readonly Column<Item>[] {
  const { t } = useTranslation();
  const facts = (item: Item): string =>
    Object.entries(item.facts)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(" ");
  return [
    { head: t("admin.time"), cell: ({ at }) => <At at={at} />, csv: ({ at }) => at },
    { head: t("admin.actor"), cell: ({ actor }) => actor, csv: ({ actor }) => actor },
    {
      head: t("admin.action"),
      cell: ({ action }) => <span className="mono">{action}</span>,
      csv: ({ action }) => action,
    },
    {
      head: t("admin.subject"),
      cell: ({ subject }) => <span className="mono wrap">{subject}</span>,
      csv: ({ subject }) => subject,
    },
    {
      head: t("admin.outcome"),
      cell: ({ outcome }) => (
        <span className="lamp" data-well={outcome === "done"}>
          {t(`admin.${outcome}`)}
        </span>
      ),
      csv: ({ outcome }) => outcome,
    },
    {
      head: t("admin.purpose"),
      cell: ({ purpose }) => purpose ?? "–",
      csv: ({ purpose }) => purpose,
    },
    {
      head: t("admin.address"),
      cell: ({ address }) => <span className="mono">{address ?? "–"}</span>,
      csv: ({ address }) => address,
    },
    {
      head: t("admin.facts"),
      cell: (item) => <span className="wrap">{facts(item)}</span>,
      csv: facts,
    },
    {
      head: t("admin.seal"),
      cell: ({ number }) => number ?? t("admin.unsealed"),
      csv: ({ number }) => number,
      isNumber: true,
    },
  ];
}

function Verification() {
  const { t } = useTranslation();
  const office = useOffice();
  const answer = useAnswer("verification", (signal) => office.verifyAudit(signal));
  const { value, isLoading } = answer;
  return (
    <section className="card verification" data-ok={value?.ok} aria-label={t("admin.verify")}>
      {value !== null && <Finding report={value} />}
      <p role="status" className="muted">
        {isLoading && t("admin.verifying")}
      </p>
      {!isLoading && (
        <button type="button" className="button button-small" onClick={answer.reload}>
          {t("admin.verify")}
        </button>
      )}
      {answer.error !== null && <AskState {...answer} onRetry={answer.reload} />}
    </section>
  );
}

function Finding({ report }: { readonly report: AuditReport }) {
  const { t } = useTranslation();
  const { ok, rows, head, waiting, findings } = report;
  return (
    <>
      <h3>
        <span className="lamp" data-well={ok}>
          {t(ok ? "admin.whole" : "admin.broken")}
        </span>
      </h3>
      <p>
        {ok
          ? t("admin.wholeHint", { rows, number: head.number, waiting })
          : t("admin.brokenHint", { rows, findings: findings.length })}
      </p>
      <p className="muted wrap">
        {t("admin.head")}: <span className="mono">{head.hash}</span>
      </p>
      {findings.length > 0 && (
        <ul className="findings">
          {findings.slice(0, 20).map(({ number, problem }) => (
            <li key={`${number} ${problem}`}>{t(`admin.finding.${problem}`, { number })}</li>
          ))}
        </ul>
      )}
    </>
  );
}
