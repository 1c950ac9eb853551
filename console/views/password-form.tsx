/** Choosing a password: with the old one, or by a one-time link. */
import { useId, useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import { useOffice } from "./office.tsx";
import { useReason } from "./reason.tsx";

/** As the brain asks for; it also refuses what is well known. */
const MIN_LENGTH = 12;

export function PasswordForm() {
  const { t } = useTranslation();
  const office = useOffice();
  const reasonOf = useReason();
  const [note, setNote] = useState<{ readonly text: string; readonly isError: boolean } | null>(
    null,
  );
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const words = new FormData(form);
    try {
      await office.changePassword(text(words, "current"), text(words, "next"));
      form.reset();
      setNote({ text: t("password.changed"), isError: false });
    } catch (cause) {
      setNote({ text: t("who.failed", { reason: reasonOf(cause) }), isError: true });
    }
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <PasswordField name="current" label={t("password.current")} autoComplete="current-password" />
      <PasswordField
        name="next"
        label={t("password.next", { min: MIN_LENGTH })}
        autoComplete="new-password"
        minLength={MIN_LENGTH}
      />
      <button type="submit" className="button">
        {t("password.change")}
      </button>
      <p role="status" className={note?.isError === true ? "form-error" : "form-done"}>
        {note?.text}
      </p>
    </form>
  );
}

/** `/welcome#<token>`: the token never reaches a server's log, for it stands behind the hash. */
export function Welcome() {
  const { t } = useTranslation();
  const office = useOffice();
  const reasonOf = useReason();
  const [error, setError] = useState<string | null>(null);
  const token = window.location.hash.slice(1);
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    try {
      await office.redeem(token, text(new FormData(event.currentTarget), "next"));
      window.location.replace("/");
    } catch (cause) {
      setError(t("who.failed", { reason: reasonOf(cause) }));
    }
  };
  return (
    <main className="sign-in">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <h2>{t("password.welcome")}</h2>
        <p className="muted">{t(token === "" ? "password.noToken" : "password.welcomeHint")}</p>
        <PasswordField
          name="next"
          label={t("password.next", { min: MIN_LENGTH })}
          autoComplete="new-password"
          minLength={MIN_LENGTH}
        />
        <p className="form-error" role="alert">
          {error}
        </p>
        <button type="submit" className="button button-main" disabled={token === ""}>
          {t("password.choose")}
        </button>
      </form>
    </main>
  );
}

interface PasswordFieldProps {
  readonly name: string;
  readonly label: string;
  readonly autoComplete: "current-password" | "new-password";
  readonly minLength?: number;
}

function PasswordField({ name, label, autoComplete, minLength }: PasswordFieldProps) {
  const id = useId();
  return (
    <p className="entry">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="password"
        name={name}
        required
        minLength={minLength}
        autoComplete={autoComplete}
      />
    </p>
  );
}

export function text(words: FormData, name: string): string {
  const value = words.get(name);
  return typeof value === "string" ? value : "";
}
