/** The operator's key, when the brain asks for one. */
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import { ApiError } from "../model/index.ts";
import { useLive } from "./context.tsx";

export function SignIn() {
  const { t } = useTranslation();
  const live = useLive();
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [isWorking, setWorking] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setWorking(true);
    setError(null);
    try {
      await live.signIn(key);
    } catch (cause) {
      setError(reasonOf(cause, t));
    } finally {
      setWorking(false);
    }
  };
  return (
    <main className="sign-in">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <h2>{t("signIn.title")}</h2>
        <p className="muted">{t("signIn.hint")}</p>
        <label>
          {t("signIn.key")}
          <input
            type="password"
            name="key"
            autoComplete="current-password"
            autoFocus
            required
            value={key}
            aria-invalid={error !== null}
            aria-describedby="sign-in-error"
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        <p id="sign-in-error" className="form-error" role="alert">
          {error}
        </p>
        <button type="submit" className="button button-main" disabled={isWorking || key === ""}>
          {t(isWorking ? "signIn.working" : "signIn.submit")}
        </button>
      </form>
    </main>
  );
}

function reasonOf(cause: unknown, t: TFunction): string {
  if (!(cause instanceof ApiError)) {
    return t("signIn.failed", { reason: String(cause) });
  }
  if (cause.failure === "signed-out") {
    return t("signIn.wrong");
  }
  if (cause.failure === "unreachable") {
    return t("signIn.unreachable");
  }
  return cause.status === 429 ? t("signIn.busy") : t("signIn.failed", { reason: cause.message });
}
