/** Each department's share of the case. */
import { useTranslation } from "react-i18next";
import type { CaseDetail } from "../../../protocol/index.ts";
import { Icon } from "../icons.tsx";
import { Moment, useNames } from "../wording.tsx";
import { Card } from "./card.tsx";

type Task = CaseDetail["tasks"][number];

const ORDER: readonly Task["role"][] = ["lead", "co", "informed"];

export function TasksCard({ tasks }: Pick<CaseDetail, "tasks">) {
  const { t } = useTranslation();
  const sorted = tasks.toSorted((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
  return (
    <Card title={t("detail.tasks")} area="tasks" count={tasks.length}>
      {tasks.length === 0 && <p className="muted">{t("task.none")}</p>}
      <ul className="tasks">
        {sorted.map((task) => (
          <TaskLine key={task.id} task={task} />
        ))}
      </ul>
    </Card>
  );
}

const ICONS = {
  PENDING: "inbox",
  DELIVERED: "send",
  ACCEPTED: "check",
  RETURNED: "back",
  WITHDRAWN: "back",
} as const;

function TaskLine({ task }: { readonly task: Task }) {
  const { t } = useTranslation();
  const names = useNames();
  // Nothing is sent to a department that is only informed, so nothing is pending either.
  const isReadOnly = task.role === "informed" && task.state === "PENDING";
  return (
    <li>
      <span className="role" data-role={task.role}>
        {t(`task.role.${task.role}`)}
      </span>
      <span className="task-name">{names.department(task.department)}</span>
      <span className="task-state" data-state={task.state}>
        {isReadOnly ? (
          t("task.readOnly")
        ) : (
          <>
            <Icon name={ICONS[task.state]} />
            {t(`task.state.${task.state}`)}
          </>
        )}
        {task.acceptedAt !== null && <Moment at={task.acceptedAt} />}
      </span>
      {(task.reference !== null || task.reason !== null) && (
        <span className="task-note">
          {task.reference !== null && (
            <span>
              {t("task.reference")} <span className="mono">{task.reference}</span>
            </span>
          )}
          {task.reason !== null && (
            <span>
              {t("task.reason")}: {task.reason}
            </span>
          )}
        </span>
      )}
    </li>
  );
}
