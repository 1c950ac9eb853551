/** A department's answer to its task, and what it makes of the case. */
import {
  type Acknowledgement,
  type EpochMs,
  PermanentError,
  type TaskRole,
  type TaskState,
} from "../../protocol/index.ts";
import { type CaseProgress, markDelivered, moveCase } from "./case-state.ts";

export type Decision = Acknowledgement["decision"];
export type AnsweredState = Extract<TaskState, "ACCEPTED" | "RETURNED">;

const STATE_OF: Readonly<Record<Decision, AnsweredState>> = {
  accepted: "ACCEPTED",
  returned: "RETURNED",
};

export interface AcknowledgementOutcome {
  readonly taskState: AnsweredState;
  /** True when the same answer was recorded before; nothing changes then. */
  readonly repeated: boolean;
  readonly progress: CaseProgress;
}

/**
 * The lead's answer moves the case; that of any other department is its own affair. An answer
 * that overtakes the delivery's record proves the delivery, so the case passes DISPATCHED first.
 *
 * @throws PermanentError STATE_CONFLICT when the task was answered otherwise before, or the case
 * has moved on to a state that an answer cannot reach.
 */
export function acknowledge(
  task: { readonly role: TaskRole; readonly state: TaskState },
  progress: CaseProgress,
  decision: Decision,
  at: EpochMs,
): AcknowledgementOutcome {
  const taskState = STATE_OF[decision];
  if (task.state === taskState) {
    return { taskState, repeated: true, progress };
  }
  if (task.state === "ACCEPTED" || task.state === "RETURNED") {
    throw new PermanentError("STATE_CONFLICT", "The task has been answered before", {
      expected: `${task.state.toLowerCase()}, as it was answered first`,
      got: decision,
    });
  }
  if (task.role !== "lead") {
    return { taskState, repeated: false, progress };
  }
  return {
    taskState,
    repeated: false,
    progress: moveCase(markDelivered(progress, at), taskState, at),
  };
}
