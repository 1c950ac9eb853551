/** The form of one action: its fields, and what became of sending it. */
import { useState, type KeyboardEvent, type ReactNode, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import {
  missingField,
  type Conflict,
  type Field,
  type FormValue,
  type FormValues,
} from "../../model/index.ts";
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
  /** Above the fields: what they choose from. */
  readonly before?: ReactNode;
  readonly children?: ReactNode;
}

export function FormDialog(props: FormDialogProps) {
  const { fields, press } = props;
  const form = useForm(props);
  const sendByKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.submit();
    }
  };
  const conflict = press.state.kind === "conflict" ? press.state.conflict : null;
  return (
    <Modal title={props.title} onClose={props.onClose}>
      <form className="action-form" noValidate onSubmit={form.submit} onKeyDown={sendByKey}>
        {props.hint !== undefined && <p className="muted">{props.hint}</p>}
        {props.before}
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={form.values[field.name] ?? ""}
            choices={props.choices}
            isFirst={field.name === form.first}
            isWanted={field.name === form.wanted}
            onChange={(value) => form.change(field.name, value)}
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
        <Buttons
          isWorking={press.state.kind === "working"}
          isSendable={conflict === null}
          isFirst={form.first === null}
          onClose={props.onClose}
        />
      </form>
    </Modal>
  );
}

function useForm({ fields, initial, press, onSubmit, onResend }: FormDialogProps) {
  const [values, setValues] = useState(initial);
  // The form opens where the first word is wanted, and on its button where none is.
  const [first] = useState(() => missingField(fields, initial));
  const [wanted, setWanted] = useState<string | null>(null);
  const [sent, setSent] = useState<FormValues | null>(null);
  const submit = (event?: SubmitEvent): void => {
    event?.preventDefault();
    const missing = missingField(fields, values);
    setWanted(missing);
    if (missing !== null || press.state.kind === "working") {
      return;
    }
    // Whatever was not answered is asked again under its old key, unless something else is wanted.
    if (press.state.kind === "unanswered" && sent === values) {
      onResend();
    } else {
      setSent(values);
      onSubmit(values);
    }
  };
  const change = (name: string, value: FormValue): void => setValues({ ...values, [name]: value });
  return { values, first, wanted, submit, change };
}

interface ButtonsProps {
  readonly isWorking: boolean;
  /** False where somebody was first: that asks for a look before anything else. */
  readonly isSendable: boolean;
  readonly isFirst: boolean;
  readonly onClose: () => void;
}

function Buttons({ isWorking, isSendable, isFirst, onClose }: ButtonsProps) {
  const { t } = useTranslation();
  return (
    <div className="form-buttons">
      {isSendable && (
        <button
          type="submit"
          className="button button-main"
          aria-disabled={isWorking}
          aria-busy={isWorking}
          data-first={isFirst ? "" : undefined}
        >
          {t(isWorking ? "actions.working" : "actions.submit")}{" "}
          <kbd>{isFirst ? "Enter" : "Ctrl+Enter"}</kbd>
        </button>
      )}
      <button type="button" className="button" onClick={onClose}>
        {t("actions.dismiss")} <kbd>Esc</kbd>
      </button>
    </div>
  );
}
