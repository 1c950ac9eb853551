/** The operator's key, or a name and a password: whatever the brain asks for. */
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import type { SignIn as Words } from "../../protocol/index.ts";
import { ApiError } from "../model/index.ts";
import { useLive, useSelect } from "./context.tsx";

export function SignIn() {
  const { t } = useTranslation();
  const session = useSelect((state) => state.session);
  const isAccounts = session?.mode === "accounts";
  const { submit, error, isWorking } = useSignIn(isAccounts);
  return (
    <main className="sign-in">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <h2>{t(isAccounts ? "accounts.title" : "signIn.title")}</h2>
        <p className="muted">{t(isAccounts ? "accounts.hint" : "signIn.hint")}</p>
        {isAccounts ? <AccountFields error={error} /> : <KeyField error={error} />}
        <p id="sign-in-error" className="form-error" role="alert">
          {error}
        </p>
        <button type="submit" className="button button-main" disabled={isWorking}>
          {t(isWorking ? "signIn.working" : "signIn.submit")}
        </button>
        {session?.singleSignOn !== undefined && (
          <>
            <p className="muted sign-in-or">{t("accounts.other")}</p>
            <a className="button" href="/v1/session/openid">
              {session.singleSignOn}
            </a>
          </>
        )}
      </form>
    </main>
  );
}

interface FieldsProps {
  readonly error: string | null;
}

function KeyField({ error }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <label>
      {t("signIn.key")}
      <input
        type="password"
        name="key"
        autoComplete="current-password"
        autoFocus
        required
        aria-invalid={error !== null}
        aria-describedby="sign-in-error"
      />
    </label>
  );
}

function AccountFields({ error }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <label>
        {t("accounts.name")}
        <input
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
          aria-invalid={error !== null}
          aria-describedby="sign-in-error"
        />
      </label>
      <label>
        {t("accounts.password")}
        <input
          type="password"
          name="password"
          autoComplete="current-password"
          required
          aria-invalid={error !== null}
          aria-describedby="sign-in-error"
        />
      </label>
    </>
  );
}

interface SigningIn {
  readonly submit: (event: SubmitEvent<HTMLFormElement>) => Promise<void>;
  readonly error: string | null;
  readonly isWorking: boolean;
}

function useSignIn(isAccounts: boolean): SigningIn {
  const { t } = useTranslation();
  const live = useLive();
  const [error, setError] = useState<string | null>(null);
  const [isWorking, setWorking] = useState(false);
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.currentTarget)) as Words;
    setWorking(true);
    setError(null);
    try {
      await live.signIn(given);
    } catch (cause) {
      setError(reasonOf(cause, t, isAccounts));
    } finally {
      setWorking(false);
    }
  };
  return { submit, error, isWorking };
}

function reasonOf(cause: unknown, t: TFunction, isAccounts: boolean): string {
  if (!(cause instanceof ApiError)) {
    return t("signIn.failed", { reason: String(cause) });
  }
  if (cause.failure === "signed-out") {
    return t(isAccounts ? "accounts.wrong" : "signIn.wrong");
  }
  if (cause.failure === "unreachable") {
    return t("signIn.unreachable");
  }
  return cause.status === 429 ? t("signIn.busy") : t("signIn.failed", { reason: cause.message });
}
