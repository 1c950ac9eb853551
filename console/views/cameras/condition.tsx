/** How a camera is, in shape, colour and words; which plan runs there. */
import type { CameraItem, Problem } from "../../../protocol/index.ts";
import { isWaiting, type Condition } from "../../model/cameras/index.ts";
import { useWords } from "./context.tsx";

const SHAPES: Readonly<Record<Condition, string>> = {
  trouble: "M8 1.3 15.4 14.5H.6ZM8 6v4M8 12.1v.1",
  refused: "M8 .8 15.2 8 8 15.2.8 8ZM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
  stopped: "M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2ZM5.5 8h5",
  waiting: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM8 4.5V8l2.5 2",
  well: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm-3 6.8 2.2 2.2L11 5.9",
  idle: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z",
};

export function ConditionSign({ condition }: { readonly condition: Condition }) {
  const words = useWords();
  return (
    <span className="condition" data-condition={condition}>
      <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
        <path d={SHAPES[condition]} />
      </svg>
      {words(`condition.${condition}`)}
    </span>
  );
}

/** "Plan 4 in force", "Plan 5 waits for the node, 4 in force". */
export function PlanWords({ camera }: { readonly camera: CameraItem }) {
  const words = useWords();
  const { wanted, inForce, refused } = camera;
  const name = (version: number): string =>
    version === 0 ? words("plan.file") : words("plan.version", { version });
  const running = inForce === null ? words("plan.none") : name(inForce.version);
  if (refused !== null) {
    return <span>{words("plan.refused", { wanted: name(wanted.version), running })}</span>;
  }
  return (
    <span>
      {isWaiting(camera)
        ? words("plan.waiting", { wanted: name(wanted.version), running })
        : words("plan.inForce", { running })}
    </span>
  );
}

/** Why a plan was refused. The node's own sentence is English, whatever the page speaks. */
export function ProblemWords({ problem }: { readonly problem: Problem }) {
  const { message, where, expected, got } = problem;
  const more = [where, expected === undefined ? undefined : `expected ${expected}`, got]
    .filter((part) => part !== undefined && !message.includes(part))
    .join("; ");
  return (
    <span className="reason" lang="en">
      {more === "" ? message : `${message} (${more})`}
    </span>
  );
}
