/**
 * Whether a run is worse than a stored one. Figures are compared as ratios against the bare
 * session of their own run, so that a slower machine or a busy minute is no regression.
 */

export interface Figure {
  readonly value: number;
  readonly better: "higher" | "lower";
}

export type Figures = Readonly<Record<string, Figure>>;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
}

export interface Regression {
  readonly name: string;
  readonly before: number;
  readonly now: number;
  /** Share by which it is worse. */
  readonly worse: number;
}

export const TOLERANCE = 0.1;

export function isSameMachine(one: Machine, other: Machine): boolean {
  return one.cpu === other.cpu && one.cores === other.cores;
}

/** Figures that only one side has are not compared. */
export function regressionsOf(before: Figures, now: Figures, tolerance = TOLERANCE): Regression[] {
  return Object.entries(now).flatMap(([name, figure]) => {
    const old = before[name];
    if (old === undefined || old.value <= 0) {
      return [];
    }
    const ratio = figure.value / old.value;
    const worse = figure.better === "higher" ? 1 - ratio : ratio - 1;
    // A figure that cannot be had any more is as bad as can be.
    return worse <= tolerance
      ? []
      : [{ name, before: old.value, now: figure.value, worse: Number.isNaN(worse) ? 1 : worse }];
  });
}
