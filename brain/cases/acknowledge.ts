/** A department's answer to its task. What the lead's answer makes of the case is a command. */
import { type Acknowledgement, PermanentError, type TaskState } from "../../protocol/index.ts";

export type Decision = Acknowledgement["decision"];
export type AnsweredState = Extract<TaskState, "ACCEPTED" | "RETURNED">;

const STATE_OF: Readonly<Record<Decision, AnsweredState>> = {
  accepted: "ACCEPTED",
  returned: "RETURNED",
};

export interface TaskAnswer {
  readonly taskState: AnsweredState;
  /** True when the same answer was recorded before; nothing changes then. */
  readonly repeated: boolean;
}

/**
 * @throws PermanentError STATE_CONFLICT when the task was answered otherwise before, or is not the
 * department's any more.
 */
export function answerTask(state: TaskState, decision: Decision): TaskAnswer {
  const taskState = STATE_OF[decision];
  if (state === taskState) {
    return { taskState, repeated: true };
  }
  if (state === "ACCEPTED" || state === "RETURNED") {
    throw new PermanentError("STATE_CONFLICT", "The task has been answered before", {
      expected: `${state.toLowerCase()}, as it was answered first`,
      got: decision,
    });
  }
  if (state === "WITHDRAWN") {
    throw new PermanentError("STATE_CONFLICT", "The task has been withdrawn", {
      expected: "an open task",
      got: decision,
    });
  }
  return { taskState, repeated: false };
}
