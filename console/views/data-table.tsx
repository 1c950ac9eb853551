/** A table for people and, from the same columns, for their spreadsheet. */
import { useId, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { toCsv, type Cell } from "../model/index.ts";
import { Icon } from "./icons.tsx";

export interface Column<Row> {
  readonly head: string;
  /** Left out of the table where absent. */
  readonly cell?: (row: Row) => ReactNode;
  /** Left out of the file where absent. */
  readonly csv?: (row: Row) => Cell;
  readonly isNumber?: boolean;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

/** Scrolls sideways by itself, so that the page does not; it can be scrolled by keyboard. */
export function DataTable<Row>({ label, columns, rows, keyOf }: DataTableProps<Row>) {
  const { t } = useTranslation();
  const shown = columns.flatMap(({ cell, ...column }) =>
    cell === undefined ? [] : [{ ...column, cell }],
  );
  if (rows.length === 0) {
    return <p className="muted table-none">{t("admin.empty")}</p>;
  }
  return (
    <div className="table-box" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {shown.map(({ head, isNumber }) => (
              <th key={head} scope="col" data-number={isNumber}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {shown.map(({ head, cell, isNumber }) => (
                <td key={head} data-number={isNumber}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CsvButtonProps<Row> {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}

export function CsvButton<Row>({ name, title, columns, rows }: CsvButtonProps<Row>) {
  const { t } = useTranslation();
  const save = (): void => {
    const kept = columns.flatMap(({ head, csv }) => (csv === undefined ? [] : [{ head, csv }]));
    const text = toCsv(
      kept.map(({ head }) => head),
      rows.map((row) => kept.map(({ csv }) => csv(row))),
    );
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${name}.csv`;
    link.click();
    // The browser has taken its copy when the press is over.
    window.setTimeout(() => URL.revokeObjectURL(url), 1_000);
  };
  return (
    <button
      type="button"
      className="button button-small"
      aria-label={t("common.csvOf", { title })}
      disabled={rows.length === 0}
      onClick={save}
    >
      <Icon name="download" />
      {t("common.csv")}
    </button>
  );
}

interface TableCardProps<Row> extends Omit<DataTableProps<Row>, "label"> {
  readonly title: string;
  readonly name: string;
  readonly hint?: string;
  /** Above the table: a chart, or a choice of groups. */
  readonly children?: ReactNode;
}

/** A headed table with its download. */
export function TableCard<Row>(props: TableCardProps<Row>) {
  const { title, name, hint, children, ...table } = props;
  const id = useId();
  return (
    <section className="card table-card" aria-labelledby={id}>
      <h3 id={id}>
        {title}
        <CsvButton name={name} title={title} columns={table.columns} rows={table.rows} />
      </h3>
      {hint !== undefined && <p className="muted table-hint">{hint}</p>}
      {children}
      <DataTable label={title} {...table} />
    </section>
  );
}

/** A share as a bar and in words; the bar of what is short is striped as well as coloured. */
export function ShareBar(props: { readonly share: number | null; readonly text: string }) {
  const { share, text } = props;
  const level = share === null ? "none" : share >= 0.95 ? "good" : share >= 0.8 ? "fair" : "poor";
  return (
    <span className="share" data-level={level}>
      <span className="share-bar" aria-hidden="true">
        <i style={{ inlineSize: `${(share ?? 0) * 100}%` }} />
      </span>
      <span className="share-text">{text}</span>
    </span>
  );
}
