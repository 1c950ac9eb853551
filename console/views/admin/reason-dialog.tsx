/** Asks once more, and why, before something is changed. */
import { useEffect, useId, useRef, type ReactNode, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { Field, useWork, word, WorkError } from "./parts.tsx";

interface ReasonDialogProps {
  readonly title: string;
  readonly hint?: string;
  /** More fields, read by their names. */
  readonly children?: ReactNode;
  readonly onConfirm: (reason: string, words: FormData) => Promise<void>;
  readonly onClose: () => void;
}

export function ReasonDialog({ title, hint, children, onConfirm, onClose }: ReasonDialogProps) {
  const { t } = useTranslation();
  const work = useWork();
  const box = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const words = new FormData(event.currentTarget);
    work.run(async () => {
      await onConfirm(word(words, "reason"), words);
      onClose();
    });
  };
  return (
    <dialog ref={box} className="card reason-dialog" aria-labelledby={titleId} onCancel={onClose}>
      <form className="form" onSubmit={submit}>
        <h3 id={titleId}>{title}</h3>
        {hint !== undefined && <p className="muted">{hint}</p>}
        {children}
        <Field label={t("manage.reason")}>
          <input name="reason" required maxLength={500} autoComplete="off" />
        </Field>
        <WorkError work={work} />
        <p className="buttons">
          <button type="submit" className="button" disabled={work.isWorking}>
            {t("manage.confirm")}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t("common.cancel")}
          </button>
        </p>
      </form>
    </dialog>
  );
}
