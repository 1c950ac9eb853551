/** Accounts: who may sign in, in which roles; one-time links; ending sessions. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AccountView, Invitation } from "../../../protocol/index.ts";
import { may } from "../../model/index.ts";
import { useSelect } from "../context.tsx";
import { CsvButton, DataTable, type Column } from "../data-table.tsx";
import { useAnswer, useOffice } from "../office.tsx";
import { useNames, useTimeWords } from "../wording.tsx";
import { AccountForm } from "./account-form.tsx";
import { AskState, At, Once, useWork, type Work, WorkError } from "./parts.tsx";

export function AccountsTab() {
  const { t } = useTranslation();
  const office = useOffice();
  const times = useTimeWords();
  const work = useWork();
  const answer = useAnswer("accounts", (signal) => office.accounts(signal));
  const canManage = useSelect((state) => may(state.session, "account.manage"));
  const [made, setMade] = useState<Invitation | null>(null);
  const act = useActs(work, answer.reload, setMade);
  const columns = useColumns(canManage ? act : null);
  const rows = answer.value?.items ?? [];
  return (
    <>
      {made !== null && (
        <Once
          title={`${t("admin.link")} · ${made.account.displayName}`}
          hint={t("admin.linkOnce", { time: times.dateTime(made.expiresAt) })}
          value={`${window.location.origin}/welcome#${made.token}`}
          onClose={() => setMade(null)}
        />
      )}
      {canManage && (
        <AccountForm
          onMade={(invitation) => {
            setMade(invitation);
            answer.reload();
          }}
        />
      )}
      <section className="card table-card" aria-label={t("admin.accounts")}>
        <h3>
          {t("admin.accounts")}
          <CsvButton name="accounts" title={t("admin.accounts")} columns={columns} rows={rows} />
        </h3>
        <AskState {...answer} onRetry={answer.reload} />
        <WorkError work={work} />
        {answer.value !== null && (
          <DataTable
            label={t("admin.accounts")}
            columns={columns}
            rows={rows}
            keyOf={({ id }) => id}
          />
        )}
      </section>
    </>
  );
}

interface Acts {
  readonly isWorking: boolean;
  readonly toggle: (account: AccountView) => void;
  readonly invite: (account: AccountView) => void;
  readonly endSessions: (account: AccountView) => void;
}

function useActs(work: Work, reload: () => void, onInvited: (made: Invitation) => void): Acts {
  const office = useOffice();
  const then = (task: () => Promise<void>): void =>
    work.run(async () => {
      await task();
      reload();
    });
  return {
    isWorking: work.isWorking,
    toggle: ({ id, enabled }) =>
      then(async () => {
        await office.changeAccount(id, { enabled: !enabled });
      }),
    invite: ({ id }) => then(async () => onInvited(await office.invite(id))),
    endSessions: ({ id }) =>
      then(async () => {
        await office.endSessions(id);
      }),
  };
}

function useColumns(act: Acts | null): readonly Column<AccountView>[] {
  const { t } = useTranslation();
  const names = useNames();
  const roles = (account: AccountView): string =>
    account.roles.map((role) => t(`who.role.${role}`)).join("、");
  const department = (account: AccountView): string =>
    account.department === null ? "–" : names.department(account.department);
  return [
    {
      head: t("accounts.name"),
      cell: ({ name }) => <b className="mono">{name}</b>,
      csv: ({ name }) => name,
    },
    {
      head: t("admin.displayName"),
      cell: ({ displayName }) => displayName,
      csv: ({ displayName }) => displayName,
    },
    { head: t("admin.roles"), cell: roles, csv: roles },
    { head: t("admin.department"), cell: department, csv: (account) => account.department },
    {
      head: t("admin.jurisdiction"),
      cell: ({ jurisdiction }) => <span className="mono">{jurisdiction ?? "–"}</span>,
      csv: ({ jurisdiction }) => jurisdiction,
    },
    {
      head: t("admin.state"),
      cell: ({ enabled }) => (
        <span className="lamp" data-well={enabled}>
          {t(enabled ? "admin.enabled" : "admin.disabled")}
        </span>
      ),
      csv: ({ enabled }) => (enabled ? "enabled" : "disabled"),
    },
    {
      head: t("admin.source"),
      cell: ({ source }) => t(`admin.${source}`),
      csv: ({ source }) => source,
    },
    {
      head: t("admin.signedIn"),
      cell: ({ signedInAt }) => (signedInAt === null ? t("admin.never") : <At at={signedInAt} />),
      csv: ({ signedInAt }) => signedInAt,
    },
    {
      head: t("admin.sessions"),
      cell: ({ sessions }) => sessions,
      csv: ({ sessions }) => sessions,
      isNumber: true,
    },
    ...(act === null ? [] : [actionsOf(t("admin.actions"), act)]),
  ];
}

function actionsOf(head: string, act: Acts): Column<AccountView> {
  return { head, cell: (account) => <Actions account={account} act={act} /> };
}

function Actions({ account, act }: { readonly account: AccountView; readonly act: Acts }) {
  const { t } = useTranslation();
  const buttons = [
    ["toggle", t(account.enabled ? "admin.disable" : "admin.enable")],
    ...(account.source === "local" ? [["invite", t("admin.invite")] as const] : []),
    ["endSessions", t("admin.endSessions")],
  ] as const;
  return (
    <span className="buttons">
      {buttons.map(([name, words]) => (
        <button
          key={name}
          type="button"
          className="button button-small"
          disabled={act.isWorking}
          onClick={() => act[name](account)}
        >
          {words} <span className="sr-only">{account.name}</span>
        </button>
      ))}
    </span>
  );
}
