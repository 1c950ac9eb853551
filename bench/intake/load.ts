/** What the bench and its load generator say to each other. */
export interface LoadOrder {
  /** `url`: of the brain that it tells. */
  readonly nodes: readonly (IntakeNode & { readonly url: string })[];
  /** Events per second of all nodes together. */
  readonly rate: number;
  readonly warmUpS: number;
  /** Measured, after the warm-up. */
  readonly seconds: number;
  readonly seed: number;
}

export interface IntakeNode {
  readonly id: string;
  readonly secret: string;
  readonly cameraIds: readonly string[];
}

/** Of the measured time alone. */
export interface LoadReport {
  /** Per batch: from the moment it was due to its answer, and how many events it held. */
  readonly samples: readonly (readonly [latencyMs: number, events: number])[];
  /** Answers by HTTP status; 0: none came. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly accepted: number;
  readonly duplicates: number;
  readonly other: number;
  /** Refusals that did not say when to come again. */
  readonly withoutRetryAfter: number;
  readonly cpuS: number;
}

/** Where a camera stands, WGS84: 500 m apart, so that what they see is not all one incident. */
export function placeOf(
  node: number,
  camera: number,
): { readonly lat: number; readonly lon: number } {
  return { lat: 39.5 + node * 0.005, lon: 116.2 + camera * 0.006 };
}

/** Nearest rank over events: a batch counts as often as it holds events. */
export function eventPercentile(samples: LoadReport["samples"], share: number): number {
  const sorted = [...samples].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, events]) => sum + events, 0);
  let seen = 0;
  for (const [latencyMs, events] of sorted) {
    seen += events;
    if (seen >= share * total) {
      return Math.round(latencyMs * 10) / 10;
    }
  }
  return Number.NaN;
}
