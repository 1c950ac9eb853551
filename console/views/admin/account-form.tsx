/** A new account: the person chooses the password by a one-time link. */
import type { SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import type { AccountRole, Invitation, NewAccount } from "../../../protocol/index.ts";
import { useOffice } from "../office.tsx";
import { DepartmentSelect } from "./deliveries-tab.tsx";
import { Field, useWork, word, WorkError } from "./parts.tsx";

const ROLES: readonly AccountRole[] = [
  "operator",
  "dispatcher",
  "checker",
  "supervisor",
  "department",
  "grid-worker",
  "auditor",
  "administrator",
];

export function AccountForm({ onMade }: { readonly onMade: (made: Invitation) => void }) {
  const { t } = useTranslation();
  const office = useOffice();
  const work = useWork();
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const wish = wishOf(new FormData(form));
    work.run(async () => {
      onMade(await office.addAccount(wish));
      form.reset();
    });
  };
  return (
    <details className="card">
      <summary>{t("admin.addAccount")}</summary>
      <form className="form" onSubmit={submit}>
        <Field label={t("accounts.name")}>
          <input
            name="name"
            required
            pattern="[a-z0-9][a-z0-9._\-]{1,39}"
            autoComplete="off"
            autoCapitalize="none"
          />
        </Field>
        <Field label={t("admin.displayName")}>
          <input name="displayName" required maxLength={80} autoComplete="off" />
        </Field>
        <fieldset className="choices">
          <legend>{t("admin.roles")}</legend>
          {ROLES.map((role) => (
            <label key={role}>
              <input type="checkbox" name="roles" value={role} />
              {t(`who.role.${role}`)}
            </label>
          ))}
        </fieldset>
        <Field label={t("admin.department")}>
          <DepartmentSelect name="department" none={t("admin.noDepartment")} />
        </Field>
        <Field label={t("admin.jurisdiction")}>
          <input name="jurisdiction" inputMode="numeric" pattern="\d{2,15}" autoComplete="off" />
        </Field>
        <p className="buttons">
          <button type="submit" className="button" disabled={work.isWorking}>
            {t("admin.add")}
          </button>
        </p>
        <WorkError work={work} />
      </form>
    </details>
  );
}

function wishOf(words: FormData): NewAccount {
  const or = (name: string): string | null => {
    const value = word(words, name);
    return value === "" ? null : value;
  };
  const wish = {
    name: word(words, "name"),
    displayName: word(words, "displayName"),
    roles: words.getAll("roles"),
    department: or("department"),
    jurisdiction: or("jurisdiction"),
  };
  // The brain says which roles go together and what each needs.
  return wish as NewAccount;
}
