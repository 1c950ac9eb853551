/** How well each contestant tracks a set: figures and their table. */
import { type Contestant, type Contestants } from "./contestants.ts";
import { combine, type Scores } from "./metrics/index.ts";
import { type RunOptions, runTracker } from "./run.ts";
import type { Sequence } from "./sequence.ts";

/** Without what the figures are made of. */
export type Figures = Omit<Scores, "counts">;

export interface Quality {
  readonly all: Figures;
  readonly sequences: Readonly<Record<string, Figures>>;
}

export type Qualities = Readonly<Record<Contestant, Quality>>;

const COLUMNS = ["HOTA", "MOTA", "IDF1", "DetA", "AssA", "FP", "FN", "IDSW"];

export function measureQuality(
  contestants: Contestants,
  sequences: readonly Sequence[],
  options: RunOptions = {},
): Qualities {
  const entries = Object.entries(contestants).map(([name, factory]) => {
    const scored = sequences.map((sequence) => {
      return { name: sequence.name, scores: runTracker(factory, sequence, options) };
    });
    const all = figuresOf(combine(scored.map(({ scores }) => scores)));
    const each = scored.map((one): [string, Figures] => [one.name, figuresOf(one.scores)]);
    return [name, { all, sequences: Object.fromEntries(each) }];
  });
  return Object.fromEntries(entries) as Qualities;
}

function figuresOf(scores: Scores): Figures {
  const { hota, mota, idf1, detA, assA, motp } = scores;
  const { falsePositives, falseNegatives, idSwitches } = scores;
  return { hota, mota, idf1, detA, assA, motp, falsePositives, falseNegatives, idSwitches };
}

export function printQuality(title: string, qualities: Qualities, isVerbose: boolean): void {
  const rows = Object.entries(qualities).map(([name, { all }]) => [name, all] as const);
  const [first] = Object.values(qualities);
  const all = Object.keys(first?.sequences ?? {});
  const names = isVerbose && all.length > 1 ? all : [];
  const details = names.flatMap((sequence) =>
    Object.entries(qualities).flatMap(([name, { sequences }]) => {
      const figures = sequences[sequence];
      return figures === undefined ? [] : [[`${sequence} ${name}`, figures] as const];
    }),
  );
  const width = Math.max(...[...rows, ...details].map(([name]) => name.length));
  console.log(`\n${title}`);
  console.log(`${"".padEnd(width)}${COLUMNS.map((name) => name.padStart(8)).join("")}`);
  for (const [name, figures] of [...details, ...rows]) {
    console.log(`${name.padEnd(width)}${cellsOf(figures).join("")}`);
  }
}

function cellsOf(figures: Figures): string[] {
  const { hota, mota, idf1, detA, assA } = figures;
  const { falsePositives, falseNegatives, idSwitches } = figures;
  return [
    ...[hota, mota, idf1, detA, assA].map((share) => (share * 100).toFixed(1)),
    ...[falsePositives, falseNegatives, idSwitches].map(String),
  ].map((cell) => cell.padStart(8));
}
