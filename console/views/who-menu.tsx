/** Who is signed in, in which roles, until when; signing out and the own password. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SessionView } from "../../protocol/index.ts";
import { useSelect } from "./context.tsx";
import { Icon } from "./icons.tsx";
import { useOffice } from "./office.tsx";
import { PasswordForm } from "./password-form.tsx";
import { useReason } from "./reason.tsx";
import { useNames, useTimeWords } from "./wording.tsx";

export function WhoMenu() {
  const { t } = useTranslation();
  const session = useSelect((state) => state.session);
  if (session === null) {
    return null;
  }
  const { mode, viewer } = session;
  const name = mode === "accounts" ? (viewer?.name ?? "") : t(`who.${mode}`);
  return (
    <div className="who">
      <button
        type="button"
        className="button button-small"
        popoverTarget="who-panel"
        aria-label={t("who.menu", { name })}
      >
        <Icon name="person" />
        <span className="who-name">{name}</span>
      </button>
      <div id="who-panel" className="panel who-panel" popover="auto">
        <h2>{name}</h2>
        <WhoFacts session={session} />
        {mode !== "open" && <SignOut canEverywhere={mode === "accounts"} />}
        {mode === "accounts" && (
          <details>
            <summary>{t("password.title")}</summary>
            <PasswordForm />
          </details>
        )}
      </div>
    </div>
  );
}

function WhoFacts({ session }: { readonly session: SessionView }) {
  const { t } = useTranslation();
  const names = useNames();
  const times = useTimeWords();
  const { viewer, mode, expiresAt } = session;
  return (
    <>
      {mode === "accounts" && viewer !== undefined && (
        <p>{viewer.roles.map((role) => t(`who.role.${role}`)).join("、")}</p>
      )}
      {viewer !== undefined && viewer.department !== null && (
        <p>
          {t("who.department")} {names.department(viewer.department)}
        </p>
      )}
      {viewer !== undefined && viewer.jurisdiction !== null && (
        <p>
          {t("who.jurisdiction")} <span className="mono">{viewer.jurisdiction}</span>
        </p>
      )}
      {expiresAt !== undefined && (
        <p className="muted">
          {t("who.until")} <time dateTime={expiresAt}>{times.dateTime(expiresAt)}</time>
        </p>
      )}
    </>
  );
}

function SignOut({ canEverywhere }: { readonly canEverywhere: boolean }) {
  const { t } = useTranslation();
  const office = useOffice();
  const reasonOf = useReason();
  const [error, setError] = useState<string | null>(null);
  const leave = async (isEverywhere: boolean): Promise<void> => {
    try {
      await office.signOut(isEverywhere);
      // Nothing that was seen stays in the memory of the page.
      window.location.replace("/");
    } catch (cause) {
      setError(t("who.failed", { reason: reasonOf(cause) }));
    }
  };
  return (
    <p className="buttons">
      <button type="button" className="button" onClick={() => void leave(false)}>
        {t("who.signOut")}
      </button>
      {canEverywhere && (
        <button type="button" className="button" onClick={() => void leave(true)}>
          {t("who.everywhere")}
        </button>
      )}
      <span role="alert" className="form-error">
        {error}
      </span>
    </p>
  );
}
