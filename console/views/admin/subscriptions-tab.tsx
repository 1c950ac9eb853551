/** Who is told of cases beside the departments that act. */
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import type { NewSubscription, SubscriptionView } from "../../../protocol/index.ts";
import { may } from "../../model/index.ts";
import { useSelect } from "../context.tsx";
import { CsvButton, DataTable, type Column } from "../data-table.tsx";
import { useAnswer, useOffice } from "../office.tsx";
import { AskState, At, Field, Once, useWork, word, WorkError, type Work } from "./parts.tsx";

export function SubscriptionsTab() {
  const { t } = useTranslation();
  const office = useOffice();
  const work = useWork();
  const answer = useAnswer("subscriptions", (signal) => office.subscriptions(signal));
  const canManage = useSelect((state) => may(state.session, "subscription.manage"));
  const remove = (name: string): void => {
    if (window.confirm(t("admin.removeSure", { name }))) {
      work.run(async () => {
        await office.unsubscribe(name);
        answer.reload();
      });
    }
  };
  const columns = useColumns(canManage ? remove : null);
  const rows = answer.value?.items ?? [];
  return (
    <>
      {canManage && <NewSubscriptionForm onAdded={answer.reload} />}
      <section className="card table-card" aria-label={t("admin.subscriptions")}>
        <h3>
          {t("admin.subscriptions")}
          <CsvButton
            name="subscriptions"
            title={t("admin.subscriptions")}
            columns={columns}
            rows={rows}
          />
        </h3>
        <AskState {...answer} onRetry={answer.reload} />
        <WorkError work={work} />
        {answer.value !== null && (
          <DataTable
            label={t("admin.subscriptions")}
            columns={columns}
            rows={rows}
            keyOf={({ name }) => name}
          />
        )}
      </section>
    </>
  );
}

function useColumns(remove: ((name: string) => void) | null): readonly Column<SubscriptionView>[] {
  const { t } = useTranslation();
  const actions: Column<SubscriptionView> = {
    head: t("admin.actions"),
    cell: ({ name, transport }) =>
      transport === "webhook" && (
        <button type="button" className="button button-small" onClick={() => remove?.(name)}>
          {t("admin.remove")} <span className="sr-only">{name}</span>
        </button>
      ),
  };
  return [
    { head: t("admin.name"), cell: ({ name }) => <b>{name}</b>, csv: ({ name }) => name },
    {
      head: t("admin.url"),
      cell: ({ url }) => <span className="mono wrap">{url}</span>,
      csv: ({ url }) => url,
    },
    {
      head: t("admin.types"),
      cell: ({ eventTypes }) =>
        eventTypes.length === 0 ? t("admin.allTypes") : eventTypes.join(" "),
      csv: ({ eventTypes }) => eventTypes.join(" "),
    },
    {
      head: t("admin.behind"),
      cell: ({ behind }) => behind,
      csv: ({ behind }) => behind,
      isNumber: true,
    },
    {
      head: t("admin.failures"),
      cell: ({ failures }) => failures,
      csv: ({ failures }) => failures,
      isNumber: true,
    },
    {
      head: t("admin.lastSuccess"),
      cell: ({ lastSuccessAt }) => <At at={lastSuccessAt} />,
      csv: ({ lastSuccessAt }) => lastSuccessAt,
    },
    {
      head: t("admin.error"),
      cell: ({ lastError }) => <span className="wrap">{lastError ?? "–"}</span>,
      csv: ({ lastError }) => lastError,
    },
    ...(remove === null ? [] : [actions]),
  ];
}

interface Made {
  readonly name: string;
  readonly secret: string;
}

function NewSubscriptionForm({ onAdded }: { readonly onAdded: () => void }) {
  const { t } = useTranslation();
  const office = useOffice();
  const work = useWork();
  const [made, setMade] = useState<Made | null>(null);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const wish = wishOf(new FormData(form));
    work.run(async () => {
      const { secret } = await office.subscribe(wish);
      setMade({ name: wish.name, secret });
      form.reset();
      onAdded();
    });
  };
  return (
    <>
      {made !== null && (
        <Once
          title={`${t("admin.secret")} · ${made.name}`}
          hint={t("admin.secretOnce")}
          value={made.secret}
          onClose={() => setMade(null)}
        />
      )}
      <details className="card">
        <summary>{t("admin.addSubscription")}</summary>
        <SubscriptionFields work={work} onSubmit={submit} />
      </details>
    </>
  );
}

interface SubscriptionFieldsProps {
  readonly work: Work;
  readonly onSubmit: (event: SubmitEvent<HTMLFormElement>) => void;
}

function SubscriptionFields({ work, onSubmit }: SubscriptionFieldsProps) {
  const { t } = useTranslation();
  return (
    <form className="form" onSubmit={onSubmit}>
      <Field label={t("admin.name")} hint={t("admin.nameHint")}>
        <input name="name" required pattern="[a-z0-9][a-z0-9\-]{0,62}" autoComplete="off" />
      </Field>
      <Field label={t("admin.url")}>
        <input type="url" name="url" required placeholder="https://" />
      </Field>
      <Field label={t("admin.types")} hint={t("admin.typesHint")}>
        <input name="types" autoComplete="off" />
      </Field>
      <p className="buttons">
        <button type="submit" className="button" disabled={work.isWorking}>
          {t("admin.add")}
        </button>
      </p>
      <WorkError work={work} />
    </form>
  );
}

function wishOf(words: FormData): NewSubscription {
  const eventTypes = word(words, "types")
    .split(/[\s,，、;；]+/)
    .filter(Boolean);
  // The brain checks the codes and says which is wrong.
  return { name: word(words, "name"), url: word(words, "url"), eventTypes } as NewSubscription;
}
