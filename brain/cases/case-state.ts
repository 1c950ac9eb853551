/** Moves of a case that is being opened; later ones are commands, see `decide-case.ts`. */
import {
  CASE_MOVES,
  PermanentError,
  canMove,
  type CaseState,
  type EpochMs,
} from "../../protocol/index.ts";

/** What a move may change of a case; times are set once and never moved. */
export interface CaseProgress {
  readonly state: CaseState;
  readonly filedAt: EpochMs | null;
  readonly dispatchedAt: EpochMs | null;
  readonly acceptedAt: EpochMs | null;
}

/** @throws PermanentError STATE_CONFLICT for a move that CASE_MOVES does not name. */
export function moveCase(progress: CaseProgress, to: CaseState, at: EpochMs): CaseProgress {
  const { state } = progress;
  if (!canMove(state, to)) {
    throw new PermanentError("STATE_CONFLICT", `A case cannot move from ${state} to ${to}`, {
      expected: CASE_MOVES[state].length === 0 ? "no further move" : CASE_MOVES[state].join(", "),
      got: to,
    });
  }
  return {
    state: to,
    filedAt: to === "FILED" ? (progress.filedAt ?? at) : progress.filedAt,
    dispatchedAt: to === "DISPATCHED" ? (progress.dispatchedAt ?? at) : progress.dispatchedAt,
    acceptedAt: to === "ACCEPTED" ? (progress.acceptedAt ?? at) : progress.acceptedAt,
  };
}
