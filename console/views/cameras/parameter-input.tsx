/** One parameter of a rule: its name, its unit, its bounds, what it does. */
import { useId, useState } from "react";
import {
  fromShown,
  stepOf,
  toShown,
  type FieldFault,
  type NumberField,
  type RuleField,
} from "../../model/cameras/index.ts";
import { useWords } from "./context.tsx";
import { useFaultWords } from "./fault-words.ts";

export interface ParameterProps {
  readonly ruleKind: string;
  readonly field: RuleField;
  readonly value: unknown;
  readonly fault: FieldFault | null;
  /** Does not count at this camera: of a calibrated one, or of one that is not. */
  readonly isIdle: boolean;
  /** `undefined`: left to the brain's default. */
  readonly onChange: (value: unknown) => void;
}

export function ParameterInput(props: ParameterProps) {
  const { field } = props;
  switch (field.kind) {
    case "number":
      return <NumberInput {...props} field={field} />;
    case "switch":
      return <SwitchInput {...props} />;
    case "choice":
      return <ChoiceInput {...props} options={field.options} />;
    case "several":
      return <SeveralInput {...props} options={field.options} preset={field.preset} />;
  }
}

function useNames({ ruleKind, field: { name, isRequired } }: ParameterProps) {
  const words = useWords();
  const label = words(`param.${name}`, { defaultValue: name });
  const help = words(`help.${name}`, { defaultValue: "" });
  return {
    label: isRequired ? `${label} *` : label,
    help: words(`helpOf.${ruleKind}.${name}`, { defaultValue: help }),
  };
}

function Notes({ id, ...props }: ParameterProps & { readonly id: string }) {
  const words = useWords();
  const faultWords = useFaultWords();
  const { help } = useNames(props);
  return (
    <span id={id} className="notes">
      {props.fault !== null && (
        <span className="form-error" role="alert">
          {faultWords(props.fault)}
        </span>
      )}
      <small className="muted">
        {help}
        {props.isIdle && <b> {words("form.idle")}</b>}
      </small>
    </span>
  );
}

function NumberInput(props: ParameterProps & { readonly field: NumberField }) {
  const words = useWords();
  const id = useId();
  const { field, value, fault, onChange } = props;
  const { label } = useNames(props);
  const shown = typeof value === "number" ? String(toShown(field, value)) : "";
  const [text, setText] = useState(shown);
  // Another value than what is typed came from outside: an undo, or somebody's newer plan.
  const isTyped = text === "" ? value === undefined : fromShown(field, Number(text)) === value;
  const change = (next: string): void => {
    setText(next);
    onChange(next.trim() === "" ? undefined : fromShown(field, Number(next)));
  };
  const bound = (value: number | null): number | undefined =>
    value === null ? undefined : toShown(field, value);
  return (
    <div className="field">
      <label htmlFor={`${id}box`}>{label}</label>
      <span className="with-unit">
        <input
          id={`${id}box`}
          type="number"
          step={stepOf(field)}
          min={bound(field.min)}
          max={bound(field.max)}
          value={isTyped ? text : shown}
          placeholder={
            field.preset === null ? words("form.none") : String(toShown(field, field.preset))
          }
          aria-invalid={fault !== null}
          aria-required={field.isRequired}
          aria-describedby={id}
          data-field={field.name}
          onChange={(event) => change(event.target.value)}
        />
        {field.unit !== null && <span>{words(`unit.${field.unit}`)}</span>}
        {field.max !== null && (
          <small className="muted">
            {words("form.bounds", { min: bound(field.min) ?? 0, max: bound(field.max) })}
          </small>
        )}
      </span>
      <Notes {...props} id={id} />
    </div>
  );
}

function SwitchInput(props: ParameterProps) {
  const id = useId();
  const { label } = useNames(props);
  return (
    <div className="field">
      <label className="option">
        <input
          type="checkbox"
          checked={props.value === true}
          aria-describedby={id}
          data-field={props.field.name}
          onChange={(event) => props.onChange(event.target.checked)}
        />
        {label}
      </label>
      <Notes {...props} id={id} />
    </div>
  );
}

function ChoiceInput(props: ParameterProps & { readonly options: readonly string[] }) {
  const words = useWords();
  const id = useId();
  const { label } = useNames(props);
  return (
    <div className="field">
      <label htmlFor={`${id}box`}>{label}</label>
      <select
        id={`${id}box`}
        value={typeof props.value === "string" ? props.value : ""}
        aria-describedby={id}
        data-field={props.field.name}
        onChange={(event) => props.onChange(event.target.value)}
      >
        {props.options.map((option) => (
          <option key={option} value={option}>
            {words(`option.${option}`, { defaultValue: option })}
          </option>
        ))}
      </select>
      <Notes {...props} id={id} />
    </div>
  );
}

interface SeveralProps extends ParameterProps {
  readonly options: readonly string[];
  readonly preset: readonly string[];
}

/** The usual ones at hand, the rest of a model's many classes behind a fold. */
function SeveralInput(props: SeveralProps) {
  const words = useWords();
  const id = useId();
  const { label } = useNames(props);
  const { options, preset, value, onChange } = props;
  const chosen = Array.isArray(value) ? (value as readonly string[]) : [];
  const all = [...new Set([...options, ...chosen])];
  const isNear = (option: string): boolean =>
    all.length <= 12 ||
    USUAL.includes(option) ||
    preset.includes(option) ||
    chosen.includes(option);
  const far = all.filter((option) => !isNear(option));
  const box = (option: string) => (
    <label key={option} className="option">
      <input
        type="checkbox"
        checked={chosen.includes(option)}
        onChange={(event) =>
          onChange(
            event.target.checked ? [...chosen, option] : chosen.filter((one) => one !== option),
          )
        }
      />
      {words(`option.${option}`, { defaultValue: option })}
    </label>
  );
  return (
    <fieldset className="field" aria-describedby={id} data-field={props.field.name}>
      <legend>{label}</legend>
      <span className="options">{all.filter(isNear).map(box)}</span>
      {far.length > 0 && (
        <details>
          <summary>{words("form.more", { count: far.length })}</summary>
          <span className="options">{far.map(box)}</span>
        </details>
      )}
      <Notes {...props} id={id} />
    </fieldset>
  );
}

const USUAL = [
  "person",
  "bicycle",
  "car",
  "motorcycle",
  "bus",
  "truck",
  "backpack",
  "handbag",
  "suitcase",
];
