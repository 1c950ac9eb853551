/** The fields of forms, each with its label and what it still wants. */
import { useId } from "react";
import { useTranslation } from "react-i18next";
import {
  LIGHTS,
  MEANS,
  partyWord,
  REJECT_CODES,
  WHISTLE_KINDS,
  type Field,
  type FormValue,
} from "../../model/index.ts";
import { Photos } from "./photos.tsx";

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly isSuggested?: boolean;
}

/** What can be chosen that is not the same everywhere. */
export interface FieldChoices {
  /** Is proposed as the lead, and not beside it. */
  readonly lead: string | null;
  readonly departments: readonly Option[];
  /** Whose photos are taken. */
  readonly caseId?: string;
  readonly cases?: readonly Option[];
  readonly alarms?: readonly Option[];
}

export interface FieldProps {
  readonly field: Field;
  readonly value: FormValue;
  readonly choices: FieldChoices;
  readonly isFirst: boolean;
  readonly isWanted: boolean;
  readonly onChange: (value: FormValue) => void;
}

export function FieldInput(props: FieldProps) {
  switch (props.field.kind) {
    case "words":
      return <WordsField {...props} />;
    case "line":
    case "when":
    case "metres":
      return <LineField {...props} />;
    case "departments":
      return <DepartmentsField {...props} />;
    case "parties":
      return <PartiesField {...props} />;
    case "photos":
      return <PhotosField {...props} />;
    case "alarms":
      return <AlarmsField {...props} />;
    case "keep":
    case "audience":
    case "code":
    case "yesNo":
    case "light":
    case "score":
      return <RadioField {...props} />;
    case "department":
    case "case":
    case "means":
    case "whistleKind":
      return <SelectField {...props} />;
  }
}

const LABELS = {
  code: "siteCode",
} as const;

function useLabel({ name, kind, required }: Field): string {
  const { t } = useTranslation();
  const key = name === "code" && kind === "line" ? LABELS.code : name;
  const label = t(`actions.field.${key as "note"}`);
  return required ? label : `${label}${t("actions.optional")}`;
}

function Wanted({ id, isWanted, field }: { id: string; isWanted: boolean; field: Field }) {
  const { t } = useTranslation();
  const label = useLabel(field);
  return isWanted ? (
    <span id={id} className="form-error" role="alert">
      {t("actions.missing", { field: label })}
    </span>
  ) : null;
}

function shared({ field, isFirst, isWanted }: FieldProps, id: string) {
  return {
    "aria-required": field.required,
    "aria-invalid": isWanted,
    "aria-describedby": isWanted ? id : undefined,
    "data-first": isFirst ? "" : undefined,
  };
}

function WordsField(props: FieldProps) {
  const id = useId();
  return (
    <label className="field">
      <span>{useLabel(props.field)}</span>
      <textarea
        {...shared(props, id)}
        rows={props.field.required ? 3 : 2}
        maxLength={props.field.maxLength}
        value={String(props.value)}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <Wanted id={id} {...props} />
    </label>
  );
}

const TYPES = { line: "text", when: "datetime-local", metres: "number" } as const;

function LineField(props: FieldProps) {
  const id = useId();
  const { field } = props;
  const limits = field.kind === "metres" ? { min: 10, max: 5000, step: 10 } : {};
  return (
    <label className="field">
      <span>{useLabel(field)}</span>
      <input
        {...shared(props, id)}
        {...limits}
        type={TYPES[field.kind as "line"]}
        autoComplete="off"
        maxLength={field.maxLength}
        value={String(props.value)}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <Wanted id={id} {...props} />
    </label>
  );
}

function useOptions(field: Field, choices: FieldChoices): readonly Option[] {
  const { t } = useTranslation();
  switch (field.kind) {
    case "department":
      return choices.departments;
    case "case":
      return choices.cases ?? [];
    case "keep":
      return (["other", "own"] as const).map((value) => ({
        value,
        label: t(`regroup.keep.${value}`),
      }));
    case "audience":
      return (["room", "all"] as const).map((value) => ({
        value,
        label: t(`notes.audience.${value}`),
      }));
    case "means":
      return MEANS.map((value) => ({ value, label: t(`actions.means.${value}`) }));
    case "whistleKind":
      return WHISTLE_KINDS.map((value) => ({ value, label: t(`whistle.kind.${value}`) }));
    case "light":
      return LIGHTS.map((value) => ({ value, label: t(`actions.light.${value}`) }));
    case "code":
      return REJECT_CODES.map((value) => ({ value, label: t(`actions.code.${value}`) }));
    case "score":
      return ([1, 2, 3, 4, 5] as const).map((score) => ({
        value: String(score),
        label: t(`actions.score.s${score}`),
      }));
    default:
      return [
        { value: "true", label: t("actions.yes") },
        { value: "false", label: t("actions.no") },
      ];
  }
}

function SelectField(props: FieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const options = useOptions(props.field, props.choices);
  return (
    <label className="field">
      <span>{useLabel(props.field)}</span>
      <select
        {...shared(props, id)}
        value={String(props.value)}
        onChange={(event) => props.onChange(event.target.value)}
      >
        {!options.some(({ value }) => value === props.value) && (
          <option value="">{t("actions.choose")}</option>
        )}
        {options.map(({ value, label, isSuggested }) => (
          <option key={value} value={value}>
            {isSuggested === true ? `${label} · ${t("actions.suggested")}` : label}
          </option>
        ))}
      </select>
      <Wanted id={id} {...props} />
    </label>
  );
}

function RadioField(props: FieldProps) {
  const id = useId();
  const name = useId();
  const options = useOptions(props.field, props.choices);
  const { field, value, onChange } = props;
  return (
    <fieldset className="field" aria-describedby={props.isWanted ? id : undefined}>
      <legend>{useLabel(field)}</legend>
      <div className="options">
        {options.map((option, index) => (
          <label key={option.value} className="option">
            <input
              type="radio"
              name={name}
              data-first={props.isFirst && index === 0 ? "" : undefined}
              checked={String(value) === option.value}
              onChange={() =>
                onChange(field.kind === "yesNo" ? option.value === "true" : option.value)
              }
            />
            {option.label}
          </label>
        ))}
      </div>
      <Wanted id={id} {...props} />
    </fieldset>
  );
}

function PhotosField({ choices, field, isFirst, isWanted, onChange }: FieldProps) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <fieldset className="field" aria-describedby={isWanted ? id : undefined}>
      <legend>{useLabel({ ...field, required: true })}</legend>
      {choices.caseId !== undefined && (
        <Photos
          caseId={choices.caseId}
          isFirst={isFirst}
          onChange={(hashes) => onChange(hashes.map((hash) => hash ?? ""))}
        />
      )}
      {isWanted && (
        <span id={id} className="form-error" role="alert">
          {t("photos.wanted")}
        </span>
      )}
    </fieldset>
  );
}

function DepartmentsField({ field, value, choices, onChange }: FieldProps) {
  const { t } = useTranslation();
  const chosen = value as readonly string[];
  return (
    <fieldset className="field">
      <legend>{useLabel(field)}</legend>
      <div className="options">
        {choices.departments.map((option) => (
          <label key={option.value} className="option">
            <input
              type="checkbox"
              checked={chosen.includes(option.value)}
              onChange={(event) =>
                onChange(
                  event.target.checked
                    ? [...chosen, option.value]
                    : chosen.filter((code) => code !== option.value),
                )
              }
            />
            {option.label}
            {option.isSuggested === true && option.value !== choices.lead && (
              <small>{t("actions.suggested")}</small>
            )}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function AlarmsField(props: FieldProps) {
  const id = useId();
  const chosen = props.value as readonly string[];
  return (
    <fieldset className="field" aria-describedby={props.isWanted ? id : undefined}>
      <legend>{useLabel(props.field)}</legend>
      <div className="options options-lines">
        {(props.choices.alarms ?? []).map(({ value, label }, index) => (
          <label key={value} className="option">
            <input
              type="checkbox"
              data-first={props.isFirst && index === 0 ? "" : undefined}
              checked={chosen.includes(value)}
              onChange={(event) =>
                props.onChange(
                  event.target.checked ? [...chosen, value] : chosen.filter((one) => one !== value),
                )
              }
            />
            {label}
          </label>
        ))}
      </div>
      <Wanted id={id} {...props} />
    </fieldset>
  );
}

const CALLS = ["", "required", "optional"] as const;

function PartiesField(props: FieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const chosen = props.value as readonly string[];
  const set = (code: string, call: string): void => {
    const others = chosen.filter((word) => !word.startsWith(`${code} `));
    props.onChange(call === "" ? others : [...others, partyWord(code, call === "required")]);
  };
  const words = { "": "—", required: t("actions.required"), optional: t("actions.optionalParty") };
  return (
    <fieldset className="field" aria-describedby={props.isWanted ? id : undefined}>
      <legend>{useLabel(props.field)}</legend>
      <div className="parties-choice">
        {props.choices.departments.map(({ value: code, label, isSuggested }, index) => (
          <label key={code} className="option">
            <select
              data-first={props.isFirst && index === 0 ? "" : undefined}
              value={chosen.find((word) => word.startsWith(`${code} `))?.split(" ")[1] ?? ""}
              onChange={(event) => set(code, event.target.value)}
            >
              {CALLS.map((call) => (
                <option key={call} value={call}>
                  {words[call]}
                </option>
              ))}
            </select>
            {label}
            {isSuggested === true && code !== props.choices.lead && (
              <small>{t("actions.suggested")}</small>
            )}
          </label>
        ))}
      </div>
      <Wanted id={id} {...props} />
    </fieldset>
  );
}
