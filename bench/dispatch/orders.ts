/** What the bench, its load and its departments say to each other. */

/** What of a hundred events there is of each kind. */
export interface Mix {
  /** Incidents that nobody knew: each opens a case. */
  readonly opening: number;
  /** Alarms of another camera at the place of a known incident. */
  readonly joining: number;
  /** More of an alarm that is known. */
  readonly updating: number;
  /** Ends of alarms. */
  readonly clearing: number;
  /** Sent once more, word for word. */
  readonly repeated: number;
}

export const MIXES = {
  /** A town's day: one event in ten is news. */
  realistic: { opening: 10, joining: 15, updating: 45, clearing: 15, repeated: 15 },
  /** Every event opens a case. */
  hardest: { opening: 100, joining: 0, updating: 0, clearing: 0, repeated: 0 },
} as const satisfies Record<string, Mix>;

export interface BenchNode {
  readonly id: string;
  readonly secret: string;
  readonly cameraIds: readonly string[];
}

export interface LoadOrder {
  readonly url: string;
  readonly nodes: readonly BenchNode[];
  /** Events a second of all nodes together, each at its own intended time. */
  readonly rate: number;
  readonly mix: Mix;
  /** Event types that the alarms are of. */
  readonly codes: readonly string[];
  readonly warmUpS: number;
  readonly seconds: number;
  readonly seed: number;
}

/** Of the measured time alone. */
export interface LoadReport {
  readonly sent: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** From the intended time to the acknowledgement, ms. */
  readonly ackMs: readonly number[];
  readonly cpuS: number;
}

export interface DepartmentsOrder {
  readonly departments: readonly {
    readonly code: string;
    readonly secret: string;
    readonly behaviour: Behaviour;
  }[];
  /** Address of the brain for acknowledgements, known later; tasks are acknowledged after this. */
  readonly acknowledgeAfterMs: number | null;
}

/** `hang`: takes the request and never answers. `refuse`: answers 503 to every fourth. */
export type Behaviour = "answer" | "hang" | "refuse";

export interface DepartmentsReport {
  readonly posts: readonly Post[];
  readonly unverified: number;
  /** From sending an acknowledgement to its answer, ms. */
  readonly ackMs: readonly number[];
  readonly ackStatuses: Readonly<Record<string, number>>;
}

export interface Post {
  readonly id: string;
  readonly department: string;
  /** What it was answered with; 0: never. */
  readonly status: number;
  /** When it arrived, and what its message says of itself, epoch ms. */
  readonly at: number;
  readonly onset: number;
  readonly acceptedAt: number;
  readonly writtenAt: number;
}

export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest rank. */
export function latencyOf(values: readonly number[]): Latency {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN) * 10) / 10;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
