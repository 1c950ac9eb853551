/** The forms of merging and splitting; loaded when one is opened. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type {
  CaseSummary,
  IncidentAlarm,
  NearCase,
  RegroupAnswer,
} from "../../../protocol/index.ts";
import { fieldsOf, type FormValues, type Step } from "../../model/index.ts";
import type { Option } from "../actions/fields.tsx";
import { FormDialog } from "../actions/form-dialog.tsx";
import { useCommands } from "../actions/context.tsx";
import { usePress, type UsedPress } from "../actions/use-press.ts";
import { useAnswer } from "../office.tsx";
import { useLanguage, useNames, useTimeWords } from "../wording.tsx";

interface RegroupFormProps {
  readonly summary: CaseSummary;
  readonly onDone: (answer: RegroupAnswer) => void;
  readonly onClose: () => void;
}

interface Sending {
  readonly press: UsedPress;
  readonly send: (step: Step) => void;
  readonly resend: () => void;
  readonly lookAgain: () => void;
}

function useSending({ summary }: RegroupFormProps, reload: () => void): Sending {
  const press = usePress();
  // As the operator saw the case when the form was opened or looked at again.
  const [version, setVersion] = useState(summary.version);
  return {
    press,
    send: (step) => void press.begin(version, [step]),
    resend: () => void press.resend(),
    lookAgain: () => {
      setVersion(summary.version);
      reload();
      press.reset();
    },
  };
}

const DIGITS = /[^\d-]/g;

export function MergeForm(props: RegroupFormProps) {
  const { t } = useTranslation();
  const { api } = useCommands();
  const { summary, onDone, onClose } = props;
  const { incidentId } = summary;
  const [number, setNumber] = useState("");
  const near = useAnswer(`near ${incidentId} ${number}`, (signal) =>
    api.near(incidentId, number, signal),
  );
  const { press, send, resend, lookAgain } = useSending(props, near.reload);
  const items = near.value?.items ?? [];
  const cases = useCaseOptions(items);
  const submit = (values: FormValues): void => {
    const other = items.find(({ id }) => id === values["other"]);
    if (other === undefined) {
      return;
    }
    const side = values["keep"] === "own" ? "with" : "into";
    send(async (expectedVersion, key) => {
      const seen = { expectedVersion, otherVersion: other.version };
      const body = { reason: reasonOf(values), ...seen, [side]: other.incidentId };
      const answer = await api.mergeIncidents(incidentId, body, key);
      onDone(answer);
      return answer.own.version;
    });
  };
  return (
    <FormDialog
      title={t("regroup.mergeTitle", { number: summary.number })}
      hint={t("regroup.mergeHint")}
      fields={fieldsOf({ kind: "regroup", filesFirst: false })}
      initial={{ other: "", keep: "other", reason: "" }}
      choices={{ lead: null, departments: [], cases }}
      press={press}
      onSubmit={submit}
      onResend={resend}
      onAgain={lookAgain}
      onLook={lookAgain}
      onClose={onClose}
      before={
        <NumberSearch
          number={number}
          onChange={setNumber}
          found={near.value === null ? null : items.length}
        />
      }
    />
  );
}

function reasonOf(values: FormValues): string {
  return String(values["reason"]).trim();
}

function useCaseOptions(items: readonly NearCase[]): readonly Option[] {
  const { t } = useTranslation();
  const language = useLanguage();
  return items.map((item) => ({
    value: item.id,
    label: t("regroup.option", {
      number: item.number,
      title: item.title[language],
      camera: item.camera.name,
      apart: t(item.distanceM < 2_000 ? "regroup.metres" : "regroup.kilometres", {
        count: item.distanceM < 2_000 ? item.distanceM : Math.round(item.distanceM / 1_000),
      }),
      state: t(`state.${item.state}`),
    }),
  }));
}

interface SearchProps {
  readonly number: string;
  /** Null while it is looked for. */
  readonly found: number | null;
  readonly onChange: (number: string) => void;
}

function NumberSearch({ number, found, onChange }: SearchProps) {
  const { t } = useTranslation();
  return (
    <label className="field">
      <span>{t("regroup.search")}</span>
      <input
        type="search"
        inputMode="numeric"
        autoComplete="off"
        maxLength={20}
        value={number}
        onChange={(event) => onChange(event.target.value.replace(DIGITS, ""))}
      />
      <small className="muted">{t("regroup.searchHint")}</small>
      <small role="status">
        {found !== null && (found === 0 ? t("regroup.none") : t("regroup.found", { count: found }))}
      </small>
    </label>
  );
}

export function SplitForm(props: RegroupFormProps) {
  const { t } = useTranslation();
  const { api } = useCommands();
  const { summary, onDone, onClose } = props;
  const { incidentId } = summary;
  const [isAll, setAll] = useState(false);
  const incident = useAnswer(`incident ${incidentId}`, (signal) =>
    api.incident(incidentId, signal),
  );
  const { press, send, resend, lookAgain } = useSending(props, incident.reload);
  const alarms = useAlarmOptions(incident.value?.alarms ?? []);
  const submit = (values: FormValues): void => {
    const chosen = values["alarms"] as readonly string[];
    setAll(chosen.length === alarms.length);
    if (chosen.length === alarms.length) {
      return;
    }
    send(async (expectedVersion, key) => {
      const body = { alarms: [...chosen], reason: reasonOf(values), expectedVersion };
      const answer = await api.splitIncident(incidentId, body, key);
      onDone(answer);
      return answer.own.version;
    });
  };
  const isSingle = incident.value !== null && alarms.length < 2;
  return (
    <FormDialog
      key={incident.value === null ? "reading" : "read"}
      title={t("regroup.splitTitle", { number: summary.number })}
      hint={t("regroup.splitHint")}
      fields={fieldsOf({ kind: "split", filesFirst: false })}
      initial={{ alarms: [], reason: "" }}
      choices={{ lead: null, departments: [], alarms }}
      press={press}
      onSubmit={submit}
      onResend={resend}
      onAgain={lookAgain}
      onLook={lookAgain}
      onClose={onClose}
    >
      {incident.error !== null && <p className="form-error">{t("regroup.failed")}</p>}
      {isSingle && <p className="muted">{t("regroup.one")}</p>}
      {isAll && !isSingle && (
        <p className="form-error" role="alert">
          {t("regroup.all")}
        </p>
      )}
    </FormDialog>
  );
}

function useAlarmOptions(alarms: readonly IncidentAlarm[]): readonly Option[] {
  const { t } = useTranslation();
  const names = useNames();
  const times = useTimeWords();
  return alarms.map((alarm) => ({
    value: alarm.key,
    label: t("regroup.alarm", {
      time: times.dateTime(alarm.firstAt),
      camera: alarm.camera.name,
      type: names.eventType(alarm.eventType),
      count: alarm.events,
    }),
  }));
}
