/** Records with the place in the files that they came from. */
import type { z } from "zod";
import type { Report } from "./problems.ts";

export interface Located<T> {
  readonly value: T;
  /** Such as `departments.csv:7` or `grids.geojson feature 3 (110101001001001)`. */
  readonly where: string;
}

/** Parses with a schema; every complaint is reported with its field. */
export function parseAt<T>(
  schema: z.ZodType<T>,
  input: unknown,
  where: string,
  report: Report,
): Located<T> | undefined {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) {
    return { value: result.data, where };
  }
  for (const issue of result.error.issues) {
    const field = issue.path.map(String).join(".");
    report({
      where: field === "" ? where : `${where} ${field}`,
      message: "the value is not valid",
      ...expectationOf(issue),
    });
  }
  return undefined;
}

function expectationOf(issue: z.core.$ZodIssue): { expected: string; got: string } {
  const got = excerpt(issue.input);
  switch (issue.code) {
    case "invalid_value":
      return { expected: `one of ${issue.values.map(String).join(", ")}`, got };
    case "invalid_type":
      return { expected: issue.expected, got };
    case "unrecognized_keys":
      return { expected: "only known names", got: issue.keys.join(", ") };
    default:
      return { expected: issue.message.replace(/^expected /, ""), got };
  }
}

/** Short enough for a line. */
export function excerpt(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) as string | undefined);
  if (text === undefined || text === "") {
    return "nothing";
  }
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Reports what occurs twice; the first of each stays. */
export function refuseDoubles<T>(
  items: readonly Located<T>[],
  keyOf: (value: T) => string,
  report: Report,
): Located<T>[] {
  const first = new Map<string, Located<T>>();
  for (const item of items) {
    const key = keyOf(item.value);
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, item);
    } else {
      report({
        where: item.where,
        message: "the entry is there twice",
        expected: `each once; the other is at ${other.where}`,
        got: key,
      });
    }
  }
  return [...first.values()];
}
