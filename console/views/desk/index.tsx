/** A department's desk: its tasks, what is asked of it next, and nothing of others. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseState, CaseSummary } from "../../../protocol/index.ts";
import { capacitiesOf, deskGroups, pin, type DeskGroup, type Pinned } from "../../model/index.ts";
import { useSelect } from "../context.tsx";
import { useCases } from "../whistle/use-cases.ts";
import { useNames } from "../wording.tsx";
import { DeskTask } from "./desk-task.tsx";
import "../../styles/whistle.css";

const STATES: readonly CaseState[] = [
  "DISPATCHED",
  "RETURNED",
  "ACCEPTED",
  "HANDLING",
  "WHISTLED",
  "SUSPENDED",
  "CONTAINED",
  "HANDLED",
  "CHECKING",
  "REWORK",
];

export function DepartmentDesk() {
  const { t } = useTranslation();
  const session = useSelect((state) => state.session);
  const own = session?.viewer?.department ?? null;
  const [chosen, setChosen] = useState<string | null>(null);
  const department = own ?? chosen;
  return (
    <div className="board desk">
      <h2 className="board-title">{t("desk.title")}</h2>
      {own === null && <DepartmentChoice chosen={chosen} onChoose={setChosen} />}
      {department !== null && (
        <Tasks key={department} department={department} isOwn={own !== null} />
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly chosen: string | null;
  readonly onChoose: (department: string) => void;
}

/** The control room writes down what a department says that has no desk of its own. */
function DepartmentChoice({ chosen, onChoose }: ChoiceProps) {
  const { t } = useTranslation();
  const names = useNames();
  const catalogue = useSelect((state) => state.catalogue);
  const session = useSelect((state) => state.session);
  return (
    <div className="desk-choice">
      <label className="field">
        <span>{t("desk.department")}</span>
        <select value={chosen ?? ""} onChange={(event) => onChoose(event.target.value)}>
          {chosen === null && <option value="">{t("desk.choose")}</option>}
          {catalogue?.departments.map(({ code }) => (
            <option key={code} value={code}>
              {names.department(code)}
            </option>
          ))}
        </select>
      </label>
      {capacitiesOf(session).includes("department") && (
        <p className="muted">{t("desk.telephone")}</p>
      )}
    </div>
  );
}

interface TasksProps {
  readonly department: string;
  /** The brain shows nothing else; otherwise the lead's cases are picked out here. */
  readonly isOwn: boolean;
}

function Tasks({ department, isOwn }: TasksProps) {
  const { t } = useTranslation();
  const { items, status } = useCases(STATES);
  const [open, setOpen] = useState<Pinned | null>(null);
  const groups = pin(deskGroups(items, department, isOwn), open);
  return (
    <>
      {status === "loading" && <p className="muted">{t("list.loading")}</p>}
      {status === "failed" && <p className="form-error">{t("list.failed")}</p>}
      {status === "ready" && groups.length === 0 && <p className="empty">{t("desk.none")}</p>}
      {groups.map(({ name, cases }) => (
        <Group key={name} name={name} cases={cases} openId={open?.id ?? null} onOpen={setOpen} />
      ))}
    </>
  );
}

interface GroupProps {
  readonly name: DeskGroup["name"];
  readonly cases: readonly CaseSummary[];
  readonly openId: string | null;
  readonly onOpen: (task: Pinned | null) => void;
}

function Group({ name, cases, openId, onOpen }: GroupProps) {
  const { t } = useTranslation();
  return (
    <section className="desk-group" aria-labelledby={`desk-${name}`}>
      <h3 id={`desk-${name}`}>
        {t(`desk.group.${name}`)} <span className="card-count">{cases.length}</span>
      </h3>
      <ul className="desk-tasks">
        {cases.map((item) => (
          <DeskTask
            key={item.id}
            item={item}
            isSupport={name === "support"}
            isOpen={item.id === openId}
            onToggle={() => onOpen(item.id === openId ? null : { id: item.id, group: name })}
          />
        ))}
      </ul>
    </section>
  );
}
