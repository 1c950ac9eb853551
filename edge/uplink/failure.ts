/** What kept a request from succeeding, and how fast it may be tried again. */
import { problemSchema } from "../../protocol/index.ts";
import type { Problem } from "../../protocol/index.ts";
import type { BrainReply } from "./brain-client.ts";

export interface Failure {
  /**
   * `backoff`: passes by itself, so try again soon. `slow`: somebody must act (a wrong secret, a
   * wrong address, another version), so try again now and then.
   */
  readonly pace: "backoff" | "slow";
  readonly code: string;
  readonly reason: string;
  /** The brain's own wish; never tried earlier. */
  readonly retryAfterMs?: number;
}

/** Statuses below 500 that pass by themselves: timeout, too early, too many requests. */
const PASSING = new Set([408, 425, 429]);

/** Reads a reply that is not a success. */
export function failureOf(reply: BrainReply): Failure {
  if (reply.kind === "unreachable") {
    return { pace: "backoff", code: reply.code, reason: reply.reason };
  }
  const { status, retryAfterMs } = reply;
  const problem = problemOf(reply.body);
  return {
    pace: status >= 500 || PASSING.has(status) ? "backoff" : "slow",
    code: problem?.code ?? `HTTP_${String(status)}`,
    reason: problem?.message ?? `the brain answered with status ${String(status)}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

export function problemOf(body: string): Problem | undefined {
  return problemSchema.safeParse(parseJson(body)).data;
}

/** undefined where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
