/** What the parts of the administration share: states of asking, pages of a list, short forms. */
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ApiError } from "../../model/index.ts";
import { useReason } from "../reason.tsx";
import { useTimeWords } from "../wording.tsx";

export function AskState(props: {
  readonly isLoading: boolean;
  readonly error: ApiError | null;
  readonly onRetry: () => void;
}) {
  const { t } = useTranslation();
  const reasonOf = useReason();
  const { isLoading, error, onRetry } = props;
  return (
    <p className="ask-state" role="status">
      {isLoading && <span className="muted">{t("common.loading")}</span>}
      {!isLoading && error !== null && (
        <span className="form-error">{t("common.failed", { reason: reasonOf(error) })}</span>
      )}
      {!isLoading && (
        <button type="button" className="button button-small" onClick={onRetry}>
          {t(error === null ? "common.refresh" : "common.retry")}
        </button>
      )}
    </p>
  );
}

export interface Work {
  readonly isWorking: boolean;
  readonly error: string | null;
  /** Does one thing at a time and keeps why it failed. */
  readonly run: (task: () => Promise<void>) => void;
}

export function useWork(): Work {
  const { t } = useTranslation();
  const reasonOf = useReason();
  const [isWorking, setWorking] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = (task: () => Promise<void>): void => {
    if (isWorking) {
      return;
    }
    setWorking(true);
    setError(null);
    task()
      .catch((cause: unknown) => setError(t("admin.failed", { reason: reasonOf(cause) })))
      .finally(() => setWorking(false));
  };
  return { isWorking, error, run };
}

export function WorkError({ work }: { readonly work: Work }) {
  return (
    <p role="alert" className="form-error">
      {work.error}
    </p>
  );
}

/** A moment with its day; a dash for none. */
export function At({ at }: { readonly at: string | null }) {
  const times = useTimeWords();
  return at === null ? (
    <>–</>
  ) : (
    <time dateTime={at} className="mono when">
      {times.dateTime(at)}
    </time>
  );
}

/** Something that is shown once: to be copied now. */
export function Once(props: {
  readonly title: string;
  readonly hint: string;
  readonly value: string;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const { title, hint, value, onClose } = props;
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div className="once card" role="status">
      <h3>{title}</h3>
      <p>{hint}</p>
      <p className="mono once-value">{value}</p>
      <p className="buttons">
        <button type="button" className="button" onClick={copy}>
          {t(isCopied ? "common.copied" : "common.copy")}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {t("common.close")}
        </button>
      </p>
    </div>
  );
}

export function Field(props: {
  readonly label: string;
  readonly hint?: string;
  readonly children: ReactNode;
}) {
  return (
    <label className="entry">
      <span>{props.label}</span>
      {props.children}
      {props.hint !== undefined && <small className="muted">{props.hint}</small>}
    </label>
  );
}

export function word(words: FormData, name: string): string {
  const value = words.get(name);
  return typeof value === "string" ? value.trim() : "";
}
