/** What each action asks for, what stands in its form at first, and the command that it makes. */
import type {
  CaseSummary,
  Catalogue,
  DispatchMeans,
  RejectCode,
  SupervisionLight,
  WhistleCommandKind,
  WhistleKind,
} from "../../protocol/index.ts";
import type { ActionKind, ActionOffer } from "./commands.ts";
import type { WhistleOffer } from "./whistles.ts";

export const REJECT_CODES: readonly RejectCode[] = [
  "false-alarm",
  "duplicate",
  "not-found",
  "out-of-area",
  "not-our-duty",
  "test",
];
export const MEANS: readonly DispatchMeans[] = ["system", "telephone", "radio", "in-person"];
export const LIGHTS: readonly SupervisionLight[] = ["yellow", "red", "none"];
export const WHISTLE_KINDS: readonly WhistleKind[] = ["emergency", "joint-enforcement", "key-work"];

export type FieldKind =
  | "code"
  | "light"
  | "means"
  | "whistleKind"
  | "yesNo"
  | "score"
  | "words"
  | "line"
  | "when"
  | "metres"
  | "department"
  | "departments"
  | "parties"
  | "photos"
  | "alarms"
  | "keep"
  | "audience"
  | "case";

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly maxLength?: number;
}

export type FormValue = string | boolean | readonly string[];
export type FormValues = Readonly<Record<string, FormValue>>;

const words = (name: string, required: boolean, maxLength = 500): Field => ({
  ...{ name, kind: "words", required, maxLength },
});
const NOTE = words("note", false);
const REASON = words("reason", true);
/** Hashes of photos; an empty word stands for one that is still being sent. */
const PHOTOS: Field = { name: "evidence", kind: "photos", required: true };
const DISPATCH: readonly Field[] = [
  { name: "lead", kind: "department", required: true },
  { name: "co", kind: "departments", required: false },
  { name: "means", kind: "means", required: true },
  NOTE,
];
const STANDARD: Field = { name: "standard", kind: "line", required: true, maxLength: 80 };

/** Actions without fields are carried out by the press itself. */
const FIELDS: Readonly<Record<ActionKind, readonly Field[]>> = {
  verify: [],
  accept: [],
  start: [],
  check: [],
  resume: [],
  reject: [{ name: "code", kind: "code", required: true }, NOTE],
  regroup: [
    { name: "other", kind: "case", required: true },
    { name: "keep", kind: "keep", required: true },
    REASON,
  ],
  split: [{ name: "alarms", kind: "alarms", required: true }, REASON],
  note: [words("text", true, 2_000), { name: "audience", kind: "audience", required: true }],
  file: [STANDARD, NOTE],
  dispatch: DISPATCH,
  rule: [{ name: "lead", kind: "department", required: true }, REASON],
  return: [REASON],
  contain: [NOTE],
  handle: [PHOTOS, NOTE],
  suspend: [{ name: "until", kind: "when", required: true }, REASON],
  "approve-suspension": [NOTE],
  "refuse-suspension": [REASON],
  pass: [{ ...PHOTOS, required: false }, NOTE],
  fail: [REASON],
  close: [NOTE],
  evaluate: [
    { name: "responded", kind: "yesNo", required: true },
    { name: "solved", kind: "yesNo", required: true },
    { name: "satisfaction", kind: "score", required: true },
    NOTE,
  ],
  reopen: [REASON],
  whistle: [
    { name: "kind", kind: "whistleKind", required: true },
    words("subject", true),
    { name: "parties", kind: "parties", required: true },
    { name: "radiusM", kind: "metres", required: true },
  ],
  supervise: [{ name: "light", kind: "light", required: true }, REASON],
  escalate: [REASON],
  cancel: [REASON],
};

export function fieldsOf({
  kind,
  filesFirst,
}: Pick<ActionOffer, "kind" | "filesFirst">): readonly Field[] {
  return filesFirst ? [STANDARD, ...FIELDS[kind]] : FIELDS[kind];
}

const WHISTLE_FIELDS: Readonly<Record<WhistleCommandKind, readonly Field[]>> = {
  answer: [{ name: "coming", kind: "yesNo", required: true }, NOTE],
  "check-in": [{ name: "code", kind: "line", required: true, maxLength: 200 }],
  consult: [words("opinion", true, 2_000)],
  take: [words("measure", true, 1_000)],
  "feed-back": [words("result", true, 1_000)],
  waive: [REASON],
  "call-off": [REASON],
  summon: [{ name: "parties", kind: "parties", required: true }, REASON],
  rate: [{ name: "score", kind: "score", required: true }, NOTE],
};

export function whistleFieldsOf({ kind, by }: WhistleOffer): readonly Field[] {
  return by === "attestation" ? [words("note", true, 200)] : WHISTLE_FIELDS[kind];
}

/** Where a phone believes to be. */
export interface SeenPlace {
  readonly lat: number;
  readonly lon: number;
  readonly accuracyM: number;
}

/** `own`: the department that the viewer speaks for. */
export function whistleCommandOf(
  offer: WhistleOffer,
  values: FormValues,
  place: SeenPlace | null,
  own: string | null,
): Body {
  const { kind, department, by = "code" } = offer;
  const given = wordsOf(whistleFieldsOf(offer), values);
  const whom = department === null ? {} : { department };
  if (kind === "check-in") {
    return { kind, ...whom, proof: by === "place" ? { by, ...place } : { by, ...given } };
  }
  const direction = own === department ? "by-party" : "of-party";
  return { kind, ...whom, ...given, ...(kind === "rate" && { direction }) };
}

export interface Suggested {
  readonly lead: string;
  /** Called with the lead at S0; elsewhere the catalogue only proposes them. */
  readonly co: readonly string[];
}

export function suggestedFor(
  { eventType, lead, serviceLevel }: Pick<CaseSummary, "eventType" | "lead" | "serviceLevel">,
  catalogue: Catalogue | null,
  /** As the town routes it; absent: as the catalogue has it. */
  routedCo?: readonly string[],
): Suggested & { readonly proposed: readonly string[] } {
  const type = catalogue?.eventTypes.find(({ code }) => code === eventType);
  const proposed = (routedCo ?? type?.co ?? []).filter((code) => code !== lead);
  return { lead, co: serviceLevel === "S0" ? proposed : [], proposed };
}

const DAY_MS = 86_400_000;

export interface FormContext {
  readonly summary: Pick<CaseSummary, "eventType" | "lead" | "serviceLevel" | "title">;
  readonly catalogue: Catalogue | null;
  readonly routedCo?: readonly string[] | undefined;
  readonly nowMs: number;
  readonly language: "zh" | "en";
}

export function initialValues(fields: readonly Field[], context: FormContext): FormValues {
  return Object.fromEntries(fields.map((field) => [field.name, initialOf(field, context)]));
}

function initialOf({ name, kind }: Field, context: FormContext): FormValue {
  const { summary, catalogue, nowMs } = context;
  const suggested = suggestedFor(summary, catalogue, context.routedCo);
  switch (kind) {
    case "department":
      return suggested.lead;
    case "departments":
      return suggested.co;
    case "photos":
      return [];
    case "parties":
      return suggested.proposed.map((code) => partyWord(code, true));
    case "means":
      return "system";
    case "light":
      return "yellow";
    case "whistleKind":
      return "emergency";
    case "metres":
      return "300";
    case "when":
      return toLocalMinute(nowMs + DAY_MS);
    case "yesNo":
      return true;
    case "line":
      return name === "standard" ? standardOf(context) : "";
    case "words":
      return name === "subject" ? summary.title[context.language] : "";
    case "keep":
      return "other";
    case "audience":
      return "room";
    case "alarms":
      return [];
    case "code":
    case "score":
    case "case":
      return "";
  }
}

/** A party in a form: `GA required` or `GA optional`. */
export function partyWord(department: string, required: boolean): string {
  return `${department} ${required ? "required" : "optional"}`;
}

/** The class of the national standard where the type has one, else the type's own code. */
function standardOf({ summary, catalogue }: FormContext): string {
  const type = catalogue?.eventTypes.find(({ code }) => code === summary.eventType);
  const gbClass = type?.gbClass ?? null;
  return gbClass === null ? summary.eventType : `GB/T 30428.2 ${gbClass}`;
}

/** `2026-11-24T14:03` in the browser's zone, as a field for date and time wants it. */
export function toLocalMinute(atMs: number): string {
  const shifted = new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

type Body = { readonly kind: string } & Readonly<Record<string, unknown>>;

export function commandOf(kind: string, fields: readonly Field[], values: FormValues): Body {
  return { kind, ...wordsOf(fields, values) };
}

/** Empty words are left out: the brain wants none or some. */
function wordsOf(fields: readonly Field[], values: FormValues): Readonly<Record<string, unknown>> {
  const entries = fields
    .filter(({ name }) => name in values)
    .map((field) => [field.name, valueOf(field, values[field.name])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function valueOf({ kind, required }: Field, value: FormValue | undefined): unknown {
  switch (kind) {
    case "score":
    case "metres":
      return Number(value);
    case "when":
      return new Date(String(value)).toISOString();
    case "words":
    case "line": {
      const text = String(value ?? "").trim();
      return text === "" && !required ? undefined : text;
    }
    case "parties":
      return (value as readonly string[]).map((word) => {
        const [department, call] = word.split(" ");
        return { department, required: call === "required" };
      });
    default:
      return value;
  }
}

/** What still keeps a form from being sent: the name of the first such field. */
export function missingField(fields: readonly Field[], values: FormValues): string | null {
  const isAsked = ({ required, kind }: Field): boolean => required || kind === "photos";
  return fields.find((field) => isAsked(field) && isMissing(field, values))?.name ?? null;
}

function isMissing({ name, kind, required }: Field, values: FormValues): boolean {
  const value = values[name];
  if (kind === "photos") {
    // Photos or words say what was done.
    const hashes = value as readonly string[];
    const hasWords = String(values["note"] ?? "").trim() !== "";
    return hashes.includes("") || (required && hashes.length === 0 && !hasWords);
  }
  if (kind === "parties") {
    // A whistle needs somebody who must come; further departments may all be free to.
    const isWhistle = "subject" in values;
    return !(value as readonly string[]).some((word) => !isWhistle || word.endsWith(" required"));
  }
  if (kind === "alarms") {
    return (value as readonly string[]).length === 0;
  }
  return value === undefined || (typeof value === "string" && value.trim() === "");
}
