/** A rule's form, read from what the brain says of its kind. */
import type {
  ParameterUnit,
  PlannedRule,
  RuleKindView,
  RuleParameter,
} from "../../../protocol/index.ts";
import { fewestCorners, type Point, type ShapeKind } from "./shape.ts";

interface FieldBase {
  readonly name: string;
  readonly isRequired: boolean;
  /** False counts only where the camera is not calibrated, true only where it is. */
  readonly calibrated: boolean | null;
}

export interface NumberField extends FieldBase {
  readonly kind: "number";
  readonly unit: ParameterUnit | null;
  readonly isWhole: boolean;
  readonly min: number | null;
  /** The bound itself is too small. */
  readonly isMinOutside: boolean;
  readonly max: number | null;
  readonly preset: number | null;
}

export interface ChoiceField extends FieldBase {
  readonly kind: "choice";
  readonly options: readonly string[];
  readonly preset: string | null;
}

export interface SwitchField extends FieldBase {
  readonly kind: "switch";
  readonly preset: boolean;
}

export interface SeveralField extends FieldBase {
  readonly kind: "several";
  readonly options: readonly string[];
  readonly preset: readonly string[];
}

export type RuleField = NumberField | ChoiceField | SwitchField | SeveralField;

export interface DrawnField {
  readonly name: "zone" | "line" | "allowed";
  readonly shape: ShapeKind;
  /** Its two ends are a way, not a border. */
  readonly isWay: boolean;
  readonly isRequired: boolean;
}

export interface RuleForm {
  readonly kind: string;
  readonly drawn: readonly DrawnField[];
  readonly fields: readonly RuleField[];
  readonly anyOf: readonly (readonly string[])[];
  readonly eventTypes: readonly string[];
}

/** Without `classes` where the model's are not known, any class of the presets may be chosen. */
export function formOf(view: RuleKindView, classes: readonly string[]): RuleForm {
  return {
    kind: view.kind,
    drawn: view.geometry.map(({ field, shape, required }) => ({
      name: field,
      shape: shape === "polygon" ? "zone" : "line",
      isWay: shape === "arrow",
      isRequired: required,
    })),
    fields: Object.entries(view.parameters).flatMap(([name, parameter]) =>
      readField(name, parameter, view.required.includes(name), classes),
    ),
    anyOf: view.anyOf,
    eventTypes: view.eventTypes,
  };
}

/** None for a parameter of a type that no form of ours can ask for: its default then stands. */
function readField(
  name: string,
  parameter: RuleParameter,
  isRequired: boolean,
  classes: readonly string[],
): readonly RuleField[] {
  const base = { name, isRequired, calibrated: parameter.calibrated ?? null };
  const preset = parameter.default;
  switch (parameter.type) {
    case "number":
    case "integer":
      return [numberField(base, parameter)];
    case "boolean":
      return [{ ...base, kind: "switch", preset: preset === true }];
    case "string": {
      const options = parameter.enum ?? [];
      const standard = typeof preset === "string" ? preset : null;
      return options.length === 0 ? [] : [{ ...base, kind: "choice", options, preset: standard }];
    }
    case "array": {
      const presets = Array.isArray(preset) ? preset.map(String) : [];
      const known = wordsOf(parameter.items?.["enum"]);
      const options = known.length > 0 ? known : [...new Set([...classes, ...presets])];
      return [{ ...base, kind: "several", options, preset: presets }];
    }
  }
}

function wordsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function numberField(base: FieldBase, parameter: RuleParameter): NumberField {
  return {
    ...base,
    kind: "number",
    unit: parameter.unit ?? null,
    isWhole: parameter.type === "integer",
    min: parameter.minimum ?? parameter.exclusiveMinimum ?? null,
    isMinOutside: parameter.exclusiveMinimum !== undefined,
    max: parameter.maximum ?? null,
    preset: typeof parameter.default === "number" ? parameter.default : null,
  };
}

function isPercent(unit: ParameterUnit | null): boolean {
  return unit === "picture" || unit === "share";
}

/** What stands in a number's box, and back: fractions are shown in per cent. */
export function toShown({ unit }: Pick<NumberField, "unit">, value: number): number {
  return isPercent(unit) ? Math.round(value * 1e6) / 1e4 : value;
}

export function fromShown({ unit }: Pick<NumberField, "unit">, shown: number): number {
  return isPercent(unit) ? Math.round(shown * 1e4) / 1e6 : shown;
}

/** One press of an arrow in a number's box. */
export function stepOf({ isWhole, unit }: NumberField): number {
  return isWhole || unit === "deg" ? 1 : unit === "s" ? 0.5 : 0.1;
}

export interface Span {
  /** 1 Monday … 7 Sunday; all where absent. */
  readonly days?: readonly number[];
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
}

export const WEEK = [1, 2, 3, 4, 5, 6, 7] as const;

export function scheduleOf(rule: PlannedRule): readonly Span[] {
  const schedule = rule["schedule"];
  return Array.isArray(schedule) ? (schedule as readonly Span[]) : [];
}

/** Corners of a drawn field; none while it is not drawn. */
export function pointsOf(rule: PlannedRule, name: string): readonly Point[] {
  const value = rule[name];
  return Array.isArray(value) ? (value as readonly Point[]) : [];
}

/** With a value, or without the field at all. */
export function withValue(rule: PlannedRule, name: string, value: unknown): PlannedRule {
  const rest = Object.entries(rule).filter(([key]) => key !== name);
  const entries = value === undefined ? rest : [...rest, [name, value] as const];
  return Object.fromEntries(entries) as PlannedRule;
}

/** With every preset of its kind, and nothing drawn. */
export function newRule(form: RuleForm, eventType: string, taken: readonly string[]): PlannedRule {
  const presets = form.fields.flatMap(({ name, preset }) =>
    preset === null ? [] : [[name, preset] as const],
  );
  const id = freeId(form.kind, taken) as PlannedRule["id"];
  return { id, kind: form.kind, eventType, schedule: [], ...Object.fromEntries(presets) };
}

function freeId(kind: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const id = `${kind}-${number}`;
    if (!taken.includes(id)) {
      return id;
    }
  }
}

/** As another kind: what was drawn and planned stays where both have it. */
export function asKind(
  rule: PlannedRule,
  form: RuleForm,
  eventType: string,
  taken: readonly string[],
): PlannedRule {
  const kept = ["schedule", ...form.drawn.map(({ name }) => name)].flatMap((name) =>
    rule[name] === undefined ? [] : [[name, rule[name]] as const],
  );
  return { ...newRule(form, eventType, taken), ...Object.fromEntries(kept) };
}

export type FieldFault =
  | { readonly kind: "missing" | "number" | "whole" | "corners" | "id" | "taken" | "span" }
  | { readonly kind: "min"; readonly bound: number; readonly isOutside: boolean }
  | { readonly kind: "max"; readonly bound: number }
  | { readonly kind: "any-of"; readonly names: readonly string[] }
  /** In the words of the brain or of the node. */
  | { readonly kind: "said"; readonly message: string; readonly expected: string | null };

/** By the field's name. */
export type Faults = Readonly<Record<string, FieldFault>>;

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MINUTE = /^([01]\d|2[0-3]):[0-5]\d$/;

/** What keeps a rule from being sent. `others`: ids of the camera's other rules. */
export function faultsOf(rule: PlannedRule, form: RuleForm, others: readonly string[]): Faults {
  const found: (readonly [string, FieldFault | null])[] = [
    ["id", idFault(rule.id, others)],
    ["eventType", rule.eventType === "" ? { kind: "missing" } : null],
    ...form.drawn.map((field) => [field.name, drawnFault(rule, field)] as const),
    ...form.fields.map((field) => [field.name, faultOf(rule[field.name], field)] as const),
    ["schedule", scheduleOf(rule).every(isSpan) ? null : { kind: "span" }],
    ...form.anyOf.map((names) => [names[0] ?? "", anyOfFault(rule, names)] as const),
  ];
  return Object.fromEntries(found.filter(([, fault]) => fault !== null)) as Faults;
}

function idFault(id: string, others: readonly string[]): FieldFault | null {
  if (!ID.test(id)) {
    return { kind: "id" };
  }
  return others.includes(id) ? { kind: "taken" } : null;
}

function anyOfFault(rule: PlannedRule, names: readonly string[]): FieldFault | null {
  return names.some((name) => rule[name] !== undefined) ? null : { kind: "any-of", names };
}

function drawnFault(rule: PlannedRule, field: DrawnField): FieldFault | null {
  const count = pointsOf(rule, field.name).length;
  if (count === 0) {
    return field.isRequired ? { kind: "missing" } : null;
  }
  return count < fewestCorners(field.shape) ? { kind: "corners" } : null;
}

function faultOf(value: unknown, field: RuleField): FieldFault | null {
  if (value === undefined) {
    return field.isRequired ? { kind: "missing" } : null;
  }
  if (field.kind === "several") {
    return (value as readonly string[]).length === 0 ? { kind: "missing" } : null;
  }
  return field.kind === "number" ? numberFault(value, field) : null;
}

function numberFault(value: unknown, field: NumberField): FieldFault | null {
  if (typeof value !== "number" || Number.isNaN(value)) {
    return { kind: "number" };
  }
  if (field.isWhole && !Number.isInteger(value)) {
    return { kind: "whole" };
  }
  const { min, isMinOutside, max } = field;
  if (min !== null && (isMinOutside ? value <= min : value < min)) {
    return { kind: "min", bound: toShown(field, min), isOutside: isMinOutside };
  }
  return max !== null && value > max ? { kind: "max", bound: toShown(field, max) } : null;
}

function isSpan({ days, from, to }: Span): boolean {
  return (
    MINUTE.test(from) && MINUTE.test(to) && from !== to && (days === undefined || days.length > 0)
  );
}
