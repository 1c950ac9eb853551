/** Tables as CSV (RFC 4180) that a spreadsheet opens without running what is in them. */

export type Cell = string | number | null;

/** What a spreadsheet takes for the start of a formula. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function escapeCell(cell: Cell): string {
  if (cell === null) {
    return "";
  }
  if (typeof cell === "number") {
    return String(cell);
  }
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  // A leading apostrophe alone is lost where a cell is quoted with a separator inside.
  return /[",;\r\n\t']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** With a byte-order mark: without it, Excel reads Chinese as Latin. */
export function toCsv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(escapeCell).join(","));
  return `\uFEFF${lines.join("\r\n")}\r\n`;
}
