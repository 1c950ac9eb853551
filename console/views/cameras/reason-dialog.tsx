/** Asks why before something is changed; a tap on a usual reason writes it. */
import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Modal } from "../actions/modal.tsx";
import { useReason } from "../reason.tsx";
import { useWords } from "./context.tsx";
import type { Task } from "./use-task.ts";

interface ReasonDialogProps {
  readonly title: string;
  readonly hint: string;
  readonly submit: string;
  /** What stands in the box at first; with one, the second press does it. */
  readonly initial?: string;
  readonly usual: readonly string[];
  readonly isDanger?: boolean;
  readonly task: Task;
  readonly onSubmit: (reason: string) => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

const LONGEST = 300;

export function ReasonDialog(props: ReasonDialogProps) {
  const { t } = useTranslation();
  const words = useWords();
  const reasonOf = useReason();
  const { title, hint, submit, initial = "", usual, isDanger = false, task } = props;
  const [reason, setReason] = useState(initial);
  const [isWanted, setWanted] = useState(false);
  const id = useId();
  const send = (): void => {
    setWanted(reason.trim() === "");
    if (reason.trim() !== "" && !task.isWorking) {
      props.onSubmit(reason.trim());
    }
  };
  return (
    <Modal title={title} onClose={props.onClose}>
      <form
        className="action-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <p className="muted">{hint}</p>
        {props.children}
        <ReasonBox
          reason={reason}
          usual={usual}
          wantedId={isWanted ? id : null}
          isFirst={initial === ""}
          onReason={setReason}
        />
        {isWanted && (
          <p id={id} className="form-error" role="alert">
            {words("reason.wanted")}
          </p>
        )}
        {task.error !== null && (
          <p className="form-error" role="alert">
            {words("failed", { reason: reasonOf(task.error) })}
          </p>
        )}
        <div className="form-buttons">
          <button
            type="submit"
            className={isDanger ? "button button-stop" : "button button-main"}
            aria-disabled={task.isWorking}
            data-first={initial === "" ? undefined : ""}
          >
            {task.isWorking ? words("working") : submit}
          </button>
          <button type="button" className="button" onClick={props.onClose}>
            {t("common.cancel")} <kbd>Esc</kbd>
          </button>
        </div>
      </form>
    </Modal>
  );
}

interface ReasonBoxProps {
  readonly reason: string;
  readonly usual: readonly string[];
  /** Of the words that say that it is missing. */
  readonly wantedId: string | null;
  readonly isFirst: boolean;
  readonly onReason: (reason: string) => void;
}

function ReasonBox({ reason, usual, wantedId, isFirst, onReason }: ReasonBoxProps) {
  const words = useWords();
  return (
    <>
      <label className="field">
        <span>{words("reason.label")}</span>
        <textarea
          rows={2}
          maxLength={LONGEST}
          value={reason}
          aria-required="true"
          aria-invalid={wantedId !== null}
          aria-describedby={wantedId ?? undefined}
          data-first={isFirst ? "" : undefined}
          onChange={(event) => onReason(event.target.value)}
        />
      </label>
      <div className="usual" role="group" aria-label={words("reason.usual")}>
        {usual.map((text) => (
          <button
            key={text}
            type="button"
            className="button button-small"
            aria-pressed={reason === text}
            onClick={() => onReason(text)}
          >
            {text}
          </button>
        ))}
      </div>
    </>
  );
}
