/** Who leads where, and what would happen with a type in a grid. */
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import type { DirectoryView, Proposal, RoutingRule } from "../../../protocol/index.ts";
import { useSelect } from "../context.tsx";
import { CsvButton, DataTable, type Column } from "../data-table.tsx";
import { useAnswer, useOffice } from "../office.tsx";
import { useLanguage, useNames } from "../wording.tsx";
import { DepartmentSelect } from "./deliveries-tab.tsx";
import { AskState, Field, word } from "./parts.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";

const keyOf = ({ eventType, area }: RoutingRule): string => `${eventType} ${area}`;
type Asking = "add" | RoutingRule;

export function RoutingTab() {
  const { t } = useTranslation();
  const office = useOffice();
  const answer = useAnswer("directory", (signal) => office.directory(signal));
  const [asking, setAsking] = useState<Asking | null>(null);
  const columns = useColumns(setAsking);
  const rows = answer.value?.rules ?? [];
  return (
    <>
      <TryOut version={answer.value?.version ?? 0} />
      {asking !== null && answer.value !== null && (
        <RuleDialog
          asking={asking}
          directory={answer.value}
          onClose={() => {
            setAsking(null);
            answer.reload();
          }}
        />
      )}
      <section className="card table-card" aria-label={t("manage.rules")}>
        <h3>
          {t("manage.rules")}
          <CsvButton name="routing" title={t("manage.rules")} columns={columns} rows={rows} />
          <button type="button" className="button button-small" onClick={() => setAsking("add")}>
            {t("manage.addRule")}
          </button>
        </h3>
        <p className="muted">{t("manage.rulesHint")}</p>
        <AskState {...answer} onRetry={answer.reload} />
        {answer.value !== null && (
          <>
            <p className="muted">{t("manage.version", { version: answer.value.version })}</p>
            <DataTable label={t("manage.rules")} columns={columns} rows={rows} keyOf={keyOf} />
          </>
        )}
      </section>
    </>
  );
}

function useColumns(ask: (asking: Asking) => void): readonly Column<RoutingRule>[] {
  const { t } = useTranslation();
  const names = useNames();
  const co = ({ co: codes }: RoutingRule): string =>
    codes === null
      ? t("manage.byCatalogue")
      : codes.length === 0
        ? t("manage.nobody")
        : codes.map(names.department).join("、");
  return [
    {
      head: t("manage.eventType"),
      cell: ({ eventType }) => <b className="mono">{eventType}</b>,
      csv: ({ eventType }) => eventType,
    },
    {
      head: t("manage.area"),
      cell: ({ area }) =>
        area === "" ? t("manage.everywhere") : <span className="mono">{area}</span>,
      csv: ({ area }) => area,
    },
    { head: t("manage.lead"), cell: ({ lead }) => names.department(lead), csv: ({ lead }) => lead },
    { head: t("manage.unit"), cell: ({ unit }) => unit || "–", csv: ({ unit }) => unit },
    { head: t("manage.co"), cell: co, csv: co },
    {
      head: t("admin.actions"),
      cell: (rule) => (
        <button type="button" className="button button-small" onClick={() => ask(rule)}>
          {t("admin.remove")} <span className="sr-only">{keyOf(rule)}</span>
        </button>
      ),
    },
  ];
}

function RuleDialog(props: {
  readonly asking: Asking;
  readonly directory: DirectoryView;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const office = useOffice();
  const { asking, directory, onClose } = props;
  const put = async (rules: readonly object[], reason: string): Promise<void> => {
    await office.putRouting({ expectedVersion: directory.version, reason, rules });
  };
  if (asking !== "add") {
    return (
      <ReasonDialog
        title={`${t("manage.removeRule")} · ${keyOf(asking)}`}
        onClose={onClose}
        onConfirm={(reason) =>
          put(
            directory.rules.filter((rule) => keyOf(rule) !== keyOf(asking)),
            reason,
          )
        }
      />
    );
  }
  return (
    <ReasonDialog
      title={t("manage.addRule")}
      hint={t("manage.rulesHint")}
      onClose={onClose}
      onConfirm={(reason, words) => {
        const rule = ruleOf(words);
        const others = directory.rules.filter((one) => keyOf(one) !== keyOf(rule));
        return put([...others, rule], reason);
      }}
    >
      <RuleFields directory={directory} />
    </ReasonDialog>
  );
}

function RuleFields({ directory }: { readonly directory: DirectoryView }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const [lead, setLead] = useState("");
  return (
    <>
      <Field label={t("manage.eventType")} hint={t("manage.eventTypeHint")}>
        <input name="eventType" required autoComplete="off" list="event-types" />
      </Field>
      <Field label={t("manage.area")} hint={t("manage.areaHint")}>
        <input name="area" inputMode="numeric" pattern="\d{2,15}" autoComplete="off" />
      </Field>
      <Field label={t("manage.lead")}>
        <DepartmentSelect name="lead" value={lead} none={t("manage.choose")} onChange={setLead} />
      </Field>
      <Field label={t("manage.unit")}>
        <select name="unit">
          <option value="">–</option>
          {directory.units
            .filter(({ department }) => department === lead)
            .map((unit) => (
              <option key={unit.code} value={unit.code}>
                {unit[language] || unit.zh} ({unit.code})
              </option>
            ))}
        </select>
      </Field>
      <Field label={t("manage.co")} hint={t("manage.coHint")}>
        <input name="co" autoComplete="off" />
      </Field>
    </>
  );
}

function EventTypes() {
  const language = useLanguage();
  const types = useSelect((state) => state.catalogue)?.eventTypes ?? [];
  return (
    <datalist id="event-types">
      {types.map((type) => (
        <option key={type.code} value={type.code}>
          {type[language]}
        </option>
      ))}
    </datalist>
  );
}

function ruleOf(words: FormData): RoutingRule {
  const co = word(words, "co");
  const codes = co
    .toUpperCase()
    .split(/[\s,，、;；]+/)
    .filter(Boolean);
  const rule = {
    eventType: word(words, "eventType").toUpperCase(),
    area: word(words, "area"),
    lead: word(words, "lead"),
    unit: word(words, "unit"),
    co: co === "" ? null : co.toLowerCase() === "none" ? [] : codes,
  };
  // The brain checks the codes and says which is wrong.
  return rule as RoutingRule;
}

function TryOut({ version }: { readonly version: number }) {
  const { t } = useTranslation();
  const office = useOffice();
  const [query, setQuery] = useState<{ eventType: string; gridCode: string } | null>(null);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const words = new FormData(event.currentTarget);
    setQuery({
      eventType: word(words, "eventType").toUpperCase(),
      gridCode: word(words, "gridCode"),
    });
  };
  return (
    <section className="card" aria-label={t("manage.tryOut")}>
      <h3>{t("manage.tryOut")}</h3>
      <form className="form" onSubmit={submit}>
        <Field label={t("manage.eventType")}>
          <input name="eventType" required autoComplete="off" list="event-types" />
        </Field>
        <Field label={t("manage.area")}>
          <input name="gridCode" inputMode="numeric" pattern="\d{2,15}" autoComplete="off" />
        </Field>
        <p className="buttons">
          <button type="submit" className="button">
            {t("manage.ask")}
          </button>
        </p>
      </form>
      <EventTypes />
      {query !== null && (
        <TryAnswer
          key={`${query.eventType} ${query.gridCode} ${version}`}
          ask={(signal) => office.proposal(query, signal)}
          question={`proposal ${query.eventType} ${query.gridCode} ${version}`}
        />
      )}
    </section>
  );
}

function TryAnswer(props: {
  readonly question: string;
  readonly ask: (signal: AbortSignal) => Promise<Proposal>;
}) {
  const { t } = useTranslation();
  const names = useNames();
  const answer = useAnswer(props.question, props.ask);
  const { value } = answer;
  if (value === null) {
    return <AskState {...answer} onRetry={answer.reload} />;
  }
  const { rule, shares } = value;
  return (
    <div role="status" className="proposal">
      <p>
        {rule === null
          ? t("manage.noRule")
          : t("manage.byRule", {
              type: rule.eventType,
              area: rule.area === "" ? t("manage.everywhere") : rule.area,
              lead: names.department(rule.lead),
            })}
      </p>
      <ul>
        {shares.map(({ department, role, unit, via, disabled, onDuty }) => (
          <li key={department}>
            <span className="role" data-role={role}>
              {t(`manage.role.${role}`)}
            </span>{" "}
            <b>{names.department(department)}</b>
            {unit !== null && ` · ${unit}`} · {t(`manage.via.${via}`)}
            {disabled !== null && ` · ${t("manage.disabledBecause", { why: disabled })}`}
            {onDuty !== null && ` · ${t("manage.onDuty", { name: onDuty })}`}
          </li>
        ))}
      </ul>
    </div>
  );
}
