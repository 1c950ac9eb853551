/** The brain's open routes for reporters. */
import type {
  Problem,
  RatingRequest,
  ReportAreas,
  ReportReceipt,
  ReportRequest,
  ReportState,
} from "../../protocol/index.ts";

export interface Draft {
  /** UUID: the same over all attempts, so that a lost answer makes no second report. */
  readonly id: string;
  readonly report: ReportRequest;
  readonly photos: readonly Blob[];
  /** Of a grid worker. */
  readonly key?: string;
}

/** The brain's answer was no; `isFinal` where trying again changes nothing. */
export class RefusedError extends Error {
  readonly isFinal: boolean;
  readonly code: string;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.expected === undefined ? (problem.message ?? "") : problem.expected);
    this.isFinal = status < 500 && status !== 429 && status !== 408;
    this.code = problem.code ?? "INTERNAL";
  }
}

const TIMEOUT_MS = 60_000;

/** @throws RefusedError, or TypeError where the brain cannot be reached. */
async function ask<T>(address: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(address, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const body: unknown = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new RefusedError(response.status, body as Partial<Problem>);
  }
  return body as T;
}

export function sendReport({ id, report, photos, key }: Draft): Promise<ReportReceipt> {
  const form = new FormData();
  form.set("report", JSON.stringify(report));
  photos.forEach((photo, index) => form.append("photo", photo, `${index + 1}.jpg`));
  const headers: Record<string, string> = { "idempotency-key": id };
  if (key !== undefined) {
    headers["authorization"] = `Bearer ${key}`;
  }
  return ask("/v1/reports", { method: "POST", body: form, headers });
}

export function readState(code: string): Promise<ReportState> {
  return ask(`/v1/reports/${encodeURIComponent(code)}`);
}

export function sendRating(code: string, rating: RatingRequest): Promise<ReportState> {
  return ask(`/v1/reports/${encodeURIComponent(code)}/rating`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(rating),
  });
}

export function findGrids(text: string): Promise<ReportAreas> {
  return ask(`/v1/report-areas?q=${encodeURIComponent(text)}`);
}
