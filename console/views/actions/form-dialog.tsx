/** The form of one action: its fields, and what became of sending it. */
import { useState, type KeyboardEvent, type ReactNode, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { missingField, type Conflict, type Field, type FormValues } from "../../model/index.ts";
import { FieldInput, type FieldChoices } from "./fields.tsx";
import { Modal } from "./modal.tsx";
import { Outcome } from "./outcome.tsx";
import type { UsedPress } from "./use-press.ts";

export interface FormDialogProps {
  readonly title: string;
  readonly hint?: string | undefined;
  readonly fields: readonly Field[];
  readonly initial: FormValues;
  readonly choices: FieldChoices;
  readonly press: UsedPress;
  readonly onSubmit: (values: FormValues) => void;
  readonly onAgain: (conflict: Conflict) => void;
  readonly onResend: () => void;
  readonly onLook: (conflict: Conflict | null) => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

export function FormDialog(props: FormDialogProps) {
  const { t } = useTranslation();
  const { fields, press } = props;
  const [values, setValues] = useState(props.initial);
  // The form opens where the first word is wanted, and on its button where none is.
  const [first] = useState(() => missingField(fields, props.initial));
  const [wanted, setWanted] = useState<string | null>(null);
  const [sent, setSent] = useState<FormValues | null>(null);
  const isWorking = press.state.kind === "working";
  const submit = (event?: SubmitEvent): void => {
    event?.preventDefault();
    const missing = missingField(fields, values);
    setWanted(missing);
    if (missing !== null || isWorking) {
      return;
    }
    // Whatever was not answered is asked again under its old key, unless something else is wanted.
    if (press.state.kind === "unanswered" && sent === values) {
      props.onResend();
    } else {
      setSent(values);
      props.onSubmit(values);
    }
  };
  const sendByKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    }
  };
  const conflict = press.state.kind === "conflict" ? press.state.conflict : null;
  return (
    <Modal title={props.title} onClose={props.onClose}>
      <form className="form" noValidate onSubmit={submit} onKeyDown={sendByKey}>
        {props.hint !== undefined && <p className="muted">{props.hint}</p>}
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            choices={props.choices}
            isFirst={field.name === first}
            isWanted={field.name === wanted}
            onChange={(value) => setValues({ ...values, [field.name]: value })}
          />
        ))}
        {props.children}
        <Outcome
          state={press.state}
          onResend={props.onResend}
          onLook={() => props.onLook(conflict)}
          onAgain={props.onAgain}
          onDismiss={press.reset}
        />
        <div className="form-buttons">
          <button
            type="submit"
            className="button button-main"
            aria-disabled={isWorking}
            aria-busy={isWorking}
            data-first={first === null ? "" : undefined}
          >
            {t(isWorking ? "actions.working" : "actions.submit")} <kbd>Enter</kbd>
          </button>
          <button type="button" className="button" onClick={props.onClose}>
            {t("actions.dismiss")} <kbd>Esc</kbd>
          </button>
        </div>
      </form>
    </Modal>
  );
}
