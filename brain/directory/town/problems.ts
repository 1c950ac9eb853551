/** What is wrong with a town's files: all of it is collected, so that one look mends everything. */
import { PermanentError } from "../../../protocol/index.ts";

export interface TownProblem {
  readonly severity: "error" | "warning";
  /** File with line or feature, such as `departments.csv:7` or `cameras.geojson feature 3`. */
  readonly where: string;
  /** Statement of the domain that is broken, such as `PR-02`. */
  readonly rule?: string;
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
}

export type Report = (problem: Omit<TownProblem, "severity">) => void;

export class TownProblems {
  readonly #list: TownProblem[] = [];

  readonly error: Report = (problem) => {
    this.#list.push({ severity: "error", ...problem });
  };

  readonly warn: Report = (problem) => {
    this.#list.push({ severity: "warning", ...problem });
  };

  get list(): readonly TownProblem[] {
    return this.#list;
  }

  get hasErrors(): boolean {
    return this.#list.some((problem) => problem.severity === "error");
  }
}

/** Carries every problem; its message tells the first. */
export class TownInvalidError extends PermanentError {
  readonly problems: readonly TownProblem[];

  constructor(problems: readonly TownProblem[]) {
    const errors = problems.filter((problem) => problem.severity === "error");
    const [first] = errors;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    super("DIRECTORY_INVALID", `The town's files are not valid: ${first?.message ?? ""}${more}`, {
      where: first?.where ?? "the town's folder",
      ...(first?.expected === undefined ? {} : { expected: first.expected }),
      ...(first?.got === undefined ? {} : { got: first.got }),
    });
    this.problems = problems;
  }
}

export function describeProblem(problem: TownProblem): string {
  const { severity, where, rule, message, expected, got } = problem;
  return [
    `${severity}: ${where}: ${message}${rule === undefined ? "" : ` (${rule})`}`,
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(got === undefined ? [] : [`got ${got}`]),
  ].join("; ");
}
