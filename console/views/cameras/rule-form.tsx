/** The form of one rule: kind, name, event type, and its kind's parameters. */
import { useId, useState } from "react";
import type { PlannedRule, RuleKinds } from "../../../protocol/index.ts";
import {
  asKind,
  formOf,
  scheduleOf,
  withValue,
  type Faults,
  type RuleForm as Form,
} from "../../model/cameras/index.ts";
import { useSelect } from "../context.tsx";
import { useLanguage } from "../wording.tsx";
import { useWords } from "./context.tsx";
import { useFaultWords } from "./fault-words.ts";
import { ParameterInput } from "./parameter-input.tsx";
import { ScheduleInput } from "./schedule-input.tsx";

interface RuleFormProps {
  readonly rule: PlannedRule;
  readonly form: Form;
  readonly kinds: RuleKinds;
  readonly faults: Faults;
  /** Event types that the camera may tell of; null: any. */
  readonly allowed: readonly string[] | null;
  readonly isNew: boolean;
  readonly isCalibrated: boolean | null;
  /** Ids of the camera's other rules. */
  readonly others: readonly string[];
  readonly onChange: (rule: PlannedRule) => void;
}

export function RuleForm(props: RuleFormProps) {
  const words = useWords();
  const { rule, form, faults, isCalibrated, onChange } = props;
  const set = (name: string, value: unknown): void => onChange(withValue(rule, name, value));
  return (
    <div className="rule-form">
      <KindField {...props} />
      <IdField key={rule.kind} {...props} />
      <EventTypeField {...props} />
      {form.drawn.map(({ name }) =>
        faults[name] === undefined ? null : (
          <FaultLine key={name} fault={faults[name]} before={`${words(`drawn.${name}`)}: `} />
        ),
      )}
      <div className="parameters">
        {form.fields.map((field) => (
          <ParameterInput
            key={`${rule.kind} ${field.name}`}
            ruleKind={rule.kind}
            field={field}
            value={rule[field.name]}
            fault={faults[field.name] ?? null}
            isIdle={
              field.calibrated !== null &&
              isCalibrated !== null &&
              field.calibrated !== isCalibrated
            }
            onChange={(value) => set(field.name, value)}
          />
        ))}
      </div>
      <ScheduleInput
        spans={scheduleOf(rule)}
        fault={faults["schedule"] ?? null}
        onChange={(spans) => set("schedule", spans)}
      />
    </div>
  );
}

function FaultLine(props: {
  readonly fault: Faults[string] | undefined;
  readonly before?: string;
  readonly id?: string;
}) {
  const faultWords = useFaultWords();
  return props.fault === undefined ? null : (
    <span id={props.id} className="form-error" role="alert">
      {props.before}
      {faultWords(props.fault)}
    </span>
  );
}

function KindField({ rule, kinds, allowed, isNew, others, onChange }: RuleFormProps) {
  const words = useWords();
  const id = useId();
  const choose = (kind: string): void => {
    const view = kinds.kinds.find((one) => one.kind === kind);
    if (view !== undefined) {
      const form = formOf(view, kinds.classes);
      const types = typesOf(form, allowed);
      // What somebody chose stays; what was only suggested gives way.
      const isChosen = rule.eventType !== suggestedType(rule.kind, types);
      const stays = isChosen && types.includes(rule.eventType);
      const type = stays ? rule.eventType : suggestedType(kind, types);
      onChange(asKind(rule, form, type, others));
    }
  };
  return (
    <div className="field">
      <label htmlFor={`${id}box`}>{words("form.kind")}</label>
      <select
        id={`${id}box`}
        value={rule.kind}
        disabled={!isNew}
        aria-describedby={id}
        data-field="kind"
        onChange={(event) => choose(event.target.value)}
      >
        {kinds.kinds.map(({ kind }) => (
          <option key={kind} value={kind}>
            {words(`kind.${kind}`, { defaultValue: kind })}
          </option>
        ))}
      </select>
      <small id={id} className="muted">
        {words(`kindHelp.${rule.kind}`, { defaultValue: "" })}
      </small>
    </div>
  );
}

/** The name is kept once the rule is live: events of the past carry it. */
function IdField({ rule, isNew, others, faults, onChange }: RuleFormProps) {
  const words = useWords();
  const id = useId();
  const [text, setText] = useState<string>(rule.id);
  const isTaken = others.includes(text);
  const isWell = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text) && !isTaken;
  const fault = isWell ? faults["id"] : ({ kind: isTaken ? "taken" : "id" } as const);
  const change = (next: string): void => {
    setText(next);
    if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(next) && !others.includes(next)) {
      onChange({ ...rule, id: next as PlannedRule["id"] });
    }
  };
  return (
    <div className="field">
      <label htmlFor={`${id}box`}>{words("form.id")}</label>
      <input
        id={`${id}box`}
        className="mono"
        value={text}
        disabled={!isNew}
        spellCheck={false}
        autoComplete="off"
        maxLength={64}
        aria-invalid={fault !== undefined}
        aria-describedby={id}
        data-field="id"
        onChange={(event) => change(event.target.value)}
      />
      {isNew && <small className="muted">{words("form.idHint")}</small>}
      <FaultLine id={id} fault={fault} />
    </div>
  );
}

function EventTypeField({ rule, form, allowed, faults, onChange }: RuleFormProps) {
  const words = useWords();
  const id = useId();
  const language = useLanguage();
  const catalogue = useSelect((state) => state.catalogue);
  const types = typesOf(form, allowed);
  const all =
    types.includes(rule.eventType) || rule.eventType === "" ? types : [rule.eventType, ...types];
  const other = language === "zh" ? "en" : "zh";
  const nameOf = (code: string): string => {
    const type = catalogue?.eventTypes.find((one) => one.code === code);
    return type === undefined ? code : `${type[language]} · ${type[other]} (${code})`;
  };
  return (
    <div className="field">
      <label htmlFor={`${id}box`}>{words("form.eventType")}</label>
      <select
        id={`${id}box`}
        value={rule.eventType}
        aria-invalid={faults["eventType"] !== undefined}
        aria-describedby={id}
        data-field="eventType"
        onChange={(event) => onChange({ ...rule, eventType: event.target.value })}
      >
        {rule.eventType === "" && <option value="">{words("form.choose")}</option>}
        {all.map((code) => (
          <option key={code} value={code}>
            {nameOf(code)}
          </option>
        ))}
      </select>
      <FaultLine id={id} fault={faults["eventType"]} />
    </div>
  );
}

export function typesOf(form: Form, allowed: readonly string[] | null): readonly string[] {
  return allowed === null
    ? form.eventTypes
    : form.eventTypes.filter((code) => allowed.includes(code));
}

/** What a kind is mostly used for. */
const USUAL_TYPES: Readonly<Record<string, string>> = {
  "zone-intrusion": "SEC.INTRUDE",
  "line-crossing": "SEC.CROSS",
  loitering: "SEC.LOITER",
  crowd: "SEC.CROWD",
  "abandoned-object": "SEC.ABANDON",
  "removed-object": "SEC.REMOVE",
  "wrong-way": "TRF.WRONG",
  parking: "UM.PARK",
  tailgating: "GAT.BREACH",
  "person-down": "MED.DOWN",
  "thrown-object": "SEC.THROW",
  counting: "SEC.CROWD",
  occupancy: "TRF.JAM",
  "camera-tamper": "DEV.TAMPER",
};

/** Empty where nothing is usual: then it has to be chosen. */
export function suggestedType(kind: string, types: readonly string[]): string {
  const usual = USUAL_TYPES[kind] ?? "";
  return types.includes(usual) ? usual : "";
}
