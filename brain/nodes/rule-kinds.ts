/** The kinds of rules for a form: parameters with units and bounds, and what has to be drawn. */
import { z } from "zod";
import { RULE_CLASSES, ruleSchema, scheduleSchema } from "../../config/index.ts";
import {
  catalogue,
  purposeClassOf,
  type RuleKinds,
  type RuleKindView,
  type RuleParameter,
} from "../../protocol/index.ts";

type RuleSchema = (typeof ruleSchema.options)[number];
type Geometry = RuleKindView["geometry"][number];
type JsonSchema = Readonly<Record<string, unknown>>;

const SHAPES: Readonly<Record<Geometry["field"], Geometry["shape"]>> = {
  zone: "polygon",
  line: "line",
  allowed: "arrow",
};
const FIELDS = Object.keys(SHAPES) as Geometry["field"][];
/** The same for all kinds, or drawn: no parameters. */
const APART: ReadonlySet<string> = new Set(["id", "kind", "eventType", "schedule", ...FIELDS]);
/** What distinguishes a kind comes first in its form. */
const LAST = ["classes", "minScore", "minHeight", "maxHeight", "clearS", "cooldownS"];
/** Checks of `config/rules.ts` that JSON Schema was not told. */
const ANY_OF: Partial<Record<string, RuleKindView["anyOf"]>> = {
  crowd: [["count", "densityPerM2"]],
};

export function describeRuleKinds(): RuleKinds {
  // What people tell is no camera's to see.
  const eventTypes = catalogue.eventTypes
    .map(({ code }) => code)
    .filter((code) => !["public-service", undefined].includes(purposeClassOf(code)));
  return {
    kinds: ruleSchema.options.map((option) => describeKind(option, eventTypes)),
    schedule: jsonSchemaOf(scheduleSchema),
    classes: [...RULE_CLASSES],
  };
}

function describeKind(option: RuleSchema, eventTypes: RuleKindView["eventTypes"]): RuleKindView {
  const schema = jsonSchemaOf(option);
  const properties = schema["properties"] as Readonly<Record<string, RuleParameter>>;
  const required = schema["required"] as readonly string[];
  const kind = (properties["kind"] as { const?: unknown } | undefined)?.const as string;
  const names = Object.keys(properties).filter((name) => !APART.has(name));
  const order = [
    ...names.filter((name) => !LAST.includes(name)),
    ...LAST.filter((name) => names.includes(name)),
  ];
  return {
    kind,
    geometry: FIELDS.filter((field) => field in properties).map((field) => ({
      field,
      shape: SHAPES[field],
      required: required.includes(field),
    })),
    parameters: Object.fromEntries(order.map((name) => [name, properties[name] as RuleParameter])),
    required: required.filter((name) => order.includes(name)),
    anyOf: ANY_OF[kind] ?? [],
    eventTypes,
  };
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input" });
}
