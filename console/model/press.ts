/**
 * One press of a button: sent until it is answered, under the same keys, so that a lost answer
 * never acts twice. What a press cannot do stays in its outcome, for the operator to read.
 */
import type { CaseState, Clock, Problem } from "../../protocol/index.ts";
import { ApiError } from "./api.ts";

/** Who was first, and what stands now. */
export interface Conflict {
  readonly version: number;
  readonly state: CaseState;
  readonly by: string;
  readonly did: string;
  readonly at: string;
}

export type PressState =
  | { readonly kind: "idle" }
  | { readonly kind: "working"; readonly attempt: number }
  | { readonly kind: "done" }
  | { readonly kind: "conflict"; readonly conflict: Conflict }
  | { readonly kind: "refused"; readonly problem: Problem | null; readonly status: number | null }
  /** No answer came: it may have been carried out. The same press may be sent again. */
  | { readonly kind: "unanswered" };

/**
 * Sends one command; gives the version that stands afterwards. `version` is what stood before:
 * of the look at first, then of the step before.
 */
export type Step = (version: number, key: string) => Promise<number>;

export interface Press {
  /** Sends what has not been answered yet; never rejects. */
  send(onState: (state: PressState) => void, signal?: AbortSignal): Promise<PressState>;
  /** A new press, with new keys, for what is left: after a look at `version`. */
  rest(version: number): Press;
}

export interface PressOptions {
  readonly clock: Clock;
  readonly newKey: () => string;
  /** Version that the operator has looked at. */
  readonly version: number;
  readonly steps: readonly Step[];
}

/** An answer that was lost is asked for again at once: the key makes that harmless. */
const ATTEMPTS = 3;
const RETRY_MS = 400;

export function createPress({ clock, newKey, version, steps }: PressOptions): Press {
  const keys = steps.map(() => newKey());
  let done = 0;
  let standing = version;

  async function sendRest(): Promise<PressState> {
    for (let step = steps[done]; step !== undefined; step = steps[done]) {
      standing = await step(standing, keys[done] ?? "");
      done += 1;
    }
    return { kind: "done" };
  }

  return {
    rest: (seen) => createPress({ clock, newKey, version: seen, steps: steps.slice(done) }),
    async send(onState, signal) {
      for (let attempt = 1; ; attempt++) {
        onState({ kind: "working", attempt });
        const state = await sendRest().catch(outcomeOf);
        if (state.kind !== "unanswered" || attempt === ATTEMPTS || signal?.aborted === true) {
          onState(state);
          return state;
        }
        await clock.wait(RETRY_MS * 2 ** (attempt - 1), signal).catch(() => undefined);
      }
    },
  };
}

export function outcomeOf(error: unknown): PressState {
  if (!(error instanceof ApiError)) {
    return { kind: "refused", problem: null, status: null };
  }
  const { problem, status, failure } = error;
  if (failure === "unreachable" || (status !== null && status >= 500)) {
    return { kind: "unanswered" };
  }
  const current = problem?.current;
  return current === undefined
    ? { kind: "refused", problem, status }
    : { kind: "conflict", conflict: { ...current, state: current.state as CaseState } };
}
