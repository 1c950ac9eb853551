/** CSV as spreadsheets write and read it (RFC 4180), safe to open in them. */
import { CsvError, parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import type { Report } from "./problems.ts";

export interface CsvRow {
  /** Line on which the row begins, from 1. */
  readonly line: number;
  /** By column, trimmed; a cell that is left out is empty. */
  readonly cells: Readonly<Record<string, string>>;
}

interface ParsedRow {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Spreadsheets that expect another encoding know UTF-8 by this mark. */
const BYTE_ORDER_MARK = "\ufeff";
/**
 * A cell that begins like this would be run as a formula. An apostrophe before it makes it text; one
 * is added where there are some already, so that reading takes off exactly what writing put on.
 */
const WOULD_RUN = /^'*[=+\-@\t\r＝＋－＠]/;
const WAS_GUARDED = /^'+[=+\-@\t\r＝＋－＠]/;

/**
 * Rows of a file whose first row names the columns, in any order. Unknown, missing and double
 * columns, and rows with too many cells, are reported.
 *
 * @returns undefined when the file cannot be read as CSV with these columns.
 */
export function parseCsv(
  file: string,
  text: string,
  columns: readonly string[],
  report: Report,
  optional: readonly string[] = [],
): CsvRow[] | undefined {
  const rows = readRows(file, text, report);
  const [head, ...body] = rows ?? [];
  if (rows === undefined || !checkHead(file, head?.record, { columns, optional }, report)) {
    return undefined;
  }
  const names = (head as ParsedRow).record.map((name) => name.trim());
  return body.flatMap(({ record, info }): CsvRow[] => {
    const line = info.lines - countLineEnds(record);
    if (record.slice(names.length).some((cell) => cell.trim() !== "")) {
      report({
        where: `${file}:${line}`,
        message: "the row has more cells than columns",
        expected: `${names.length} cells`,
        got: `${record.length}`,
      });
      return [];
    }
    const cells = names.map((name, index) => [name, unguard((record[index] ?? "").trim())]);
    return cells.some(([, cell]) => cell !== "")
      ? [{ line, cells: Object.fromEntries(cells) as CsvRow["cells"] }]
      : [];
  });
}

function readRows(file: string, text: string, report: Report): ParsedRow[] | undefined {
  try {
    return parse(text, {
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      record_delimiter: "\n",
      max_record_size: 1_000_000,
    }) as unknown as ParsedRow[];
  } catch (error) {
    const lines = error instanceof CsvError ? Number(error["lines"]) : Number.NaN;
    report({
      where: Number.isInteger(lines) ? `${file}:${lines}` : file,
      message: "the file is not CSV",
      expected: "cells separated by commas; quotes around cells that hold commas or quotes",
      got: error instanceof CsvError ? error.message : "something else",
    });
    return undefined;
  }
}

function checkHead(
  file: string,
  head: readonly string[] | undefined,
  { columns, optional }: Readonly<Record<"columns" | "optional", readonly string[]>>,
  report: Report,
): boolean {
  const names = head?.map((name) => name.trim()) ?? [];
  const expected = columns.join(", ");
  const complain = (message: string, got: string): void =>
    report({ where: `${file}:1`, message, expected, got });
  const unknown = names.filter((name) => !columns.includes(name));
  const double = names.filter((name, index) => names.indexOf(name) !== index);
  const missing = columns.filter((name) => !names.includes(name) && !optional.includes(name));
  if (unknown.length > 0) {
    complain("the file has columns that nobody knows", unknown.join(", "));
  }
  if (double.length > 0) {
    complain("the file names a column twice", double.join(", "));
  }
  if (missing.length > 0) {
    complain(`the file lacks columns: ${missing.join(", ")}`, names.join(", "));
  }
  return unknown.length + double.length + missing.length === 0;
}

function countLineEnds(record: readonly string[]): number {
  return record.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0);
}

/** The file as it is exported: byte order mark, columns, rows, `\n`; quotes only where needed. */
export function printCsv(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string>>[],
): string {
  const table = rows.map((cells) => columns.map((column) => guard(cells[column] ?? "")));
  return BYTE_ORDER_MARK + stringify([columns, ...table], { record_delimiter: "\n" });
}

function guard(cell: string): string {
  return WOULD_RUN.test(cell) ? `'${cell}` : cell;
}

function unguard(cell: string): string {
  return WAS_GUARDED.test(cell) ? cell.slice(1) : cell;
}
