/** What was sent to departments, and sending it again. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeliveryItem, DeliveryState } from "../../../protocol/index.ts";
import { may, type DeliveryQuery } from "../../model/index.ts";
import { caseHref, useSelect } from "../context.tsx";
import { CsvButton, DataTable, type Column } from "../data-table.tsx";
import { useAnswer, useOffice } from "../office.tsx";
import { useLanguage, useNames } from "../wording.tsx";
import { AskState, At, Field } from "./parts.tsx";
import { ReplayForm } from "./replay-form.tsx";

const STATES: readonly DeliveryState[] = ["PENDING", "IN_FLIGHT", "DELIVERED", "DEAD"];

export function DeliveriesTab() {
  const { t } = useTranslation();
  const office = useOffice();
  const [query, setQuery] = useState<DeliveryQuery>({});
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const answer = useAnswer(JSON.stringify(query), (signal) => office.deliveries(query, signal));
  const canReplay = useSelect((state) => may(state.session, "delivery.replay"));
  const rows = answer.value?.items ?? [];
  const last = rows.at(-1);
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) {
      next.add(id);
    }
    setChosen(next);
  };
  const columns = useColumns(canReplay ? { chosen, toggle } : null);
  return (
    <>
      {canReplay && <ReplayForm chosen={[...chosen]} onDone={answer.reload} />}
      <section className="card table-card" aria-label={t("admin.deliveries")}>
        <h3>
          {t("admin.deliveries")}
          <CsvButton
            name="deliveries"
            title={t("admin.deliveries")}
            columns={columns}
            rows={rows}
          />
        </h3>
        <DeliveryFilter query={query} onChange={setQuery} />
        <AskState {...answer} onRetry={answer.reload} />
        {answer.value !== null && (
          <DataTable
            label={t("admin.deliveries")}
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

interface DeliveryFilterProps {
  readonly query: DeliveryQuery;
  readonly onChange: (query: DeliveryQuery) => void;
}

function DeliveryFilter({ query, onChange }: DeliveryFilterProps) {
  const { t } = useTranslation();
  const without = ({ state, department }: DeliveryQuery): DeliveryQuery => ({
    ...(state === undefined ? {} : { state }),
    ...(department === undefined || department === "" ? {} : { department }),
  });
  return (
    <div className="filter-form">
      <Field label={t("admin.state")}>
        <select
          value={query.state ?? ""}
          onChange={({ target }) => {
            const { department = "" } = query;
            const state = STATES.find((known) => known === target.value);
            onChange(without({ department, ...(state === undefined ? {} : { state }) }));
          }}
        >
          <option value="">{t("common.all")}</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {t(`delivery.state.${state}`)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t("admin.department")}>
        <DepartmentSelect
          value={query.department ?? ""}
          none={t("common.all")}
          onChange={(department) => {
            const { state } = query;
            onChange(without({ department, ...(state === undefined ? {} : { state }) }));
          }}
        />
      </Field>
    </div>
  );
}

export function DepartmentSelect(props: {
  readonly value?: string;
  readonly name?: string;
  /** What stands for no department. */
  readonly none: string;
  readonly onChange?: (department: string) => void;
}) {
  const { value, name, none, onChange } = props;
  const language = useLanguage();
  const departments = useSelect((state) => state.catalogue)?.departments ?? [];
  return (
    <select
      {...(name === undefined ? {} : { name })}
      {...(value === undefined ? { defaultValue: "" } : { value })}
      onChange={({ target }) => onChange?.(target.value)}
    >
      <option value="">{none}</option>
      {departments.map((department) => (
        <option key={department.code} value={department.code}>
          {department[language]} ({department.code})
        </option>
      ))}
    </select>
  );
}

interface Choice {
  readonly chosen: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
}

function useColumns(choice: Choice | null): readonly Column<DeliveryItem>[] {
  const { t } = useTranslation();
  const names = useNames();
  const choose: Column<DeliveryItem> = {
    head: "☑",
    cell: ({ id, caseNumber, department }) => (
      <input
        type="checkbox"
        checked={choice?.chosen.has(id) ?? false}
        aria-label={t("admin.choose", {
          number: caseNumber,
          department: names.department(department),
        })}
        onChange={() => choice?.toggle(id)}
      />
    ),
  };
  return [
    ...(choice === null ? [] : [choose]),
    {
      head: t("admin.caseNumber"),
      cell: ({ caseId, caseNumber }) => (
        <a className="mono link" href={caseHref(caseId)}>
          {caseNumber}
        </a>
      ),
      csv: ({ caseNumber }) => caseNumber,
    },
    {
      head: t("admin.department"),
      cell: ({ department }) => names.department(department),
      csv: ({ department }) => department,
    },
    {
      head: t("admin.state"),
      cell: ({ state }) => (
        <span className="lamp" data-well={state !== "DEAD"}>
          {t(`delivery.state.${state}`)}
        </span>
      ),
      csv: ({ state }) => state,
    },
    {
      head: t("admin.attempts"),
      cell: ({ attempts }) => attempts,
      csv: ({ attempts }) => attempts,
      isNumber: true,
    },
    {
      head: t("admin.replays"),
      cell: ({ replays }) => replays,
      csv: ({ replays }) => replays,
      isNumber: true,
    },
    ...useTimeColumns(),
  ];
}

function useTimeColumns(): readonly Column<DeliveryItem>[] {
  const { t } = useTranslation();
  return [
    {
      head: t("admin.created"),
      cell: ({ createdAt }) => <At at={createdAt} />,
      csv: ({ createdAt }) => createdAt,
    },
    {
      head: t("admin.delivered"),
      cell: ({ deliveredAt }) => <At at={deliveredAt} />,
      csv: ({ deliveredAt }) => deliveredAt,
    },
    {
      head: t("admin.next"),
      cell: ({ nextAttemptAt }) => <At at={nextAttemptAt} />,
      csv: ({ nextAttemptAt }) => nextAttemptAt,
    },
    {
      head: t("admin.error"),
      cell: ({ lastError }) => <span className="wrap">{lastError ?? "–"}</span>,
      csv: ({ lastError }) => lastError,
    },
  ];
}
