/**
 * The standardized incident event: CloudEvents 1.0 (structured JSON) around a versioned payload.
 * Attribute names are lower-case letters and digits only, as the specification demands.
 */
import { z } from "zod";
import { severitySchema } from "./catalogue/index.ts";
import { findEventType, lineCodeSchema } from "./catalogue/index.ts";
import { boxNormSchema } from "./geometry.ts";
import {
  alarmIdSchema,
  cameraIdSchema,
  eventIdSchema,
  gridCodeSchema,
  nodeIdSchema,
  ruleIdSchema,
  sha256Schema,
} from "./ids.ts";
import { timestampSchema } from "./time.ts";

export const EVENT_SCHEMA_URI = "urn:sesb:schema:event:v1";
export const EVENT_CONTENT_TYPE = "application/cloudevents+json";
export const EVENT_BATCH_CONTENT_TYPE = "application/cloudevents-batch+json";
/** Most events in one batch, and most bytes of one batch's body. */
export const EVENT_BATCH_LIMIT = 200;
export const EVENT_BATCH_BYTES = 1_048_576;
/** Most bytes of one event: evidence travels apart, by reference. */
export const EVENT_BYTES = 20_480;

/**
 * What an event says about its alarm: it begins (`new`), is updated, has ended in the world
 * (`end`), or was a mistake (`cancel`).
 */
export const phaseSchema = z.enum(["new", "update", "end", "cancel"]);
export type Phase = z.infer<typeof phaseSchema>;

const TYPE_PATTERN =
  /^cn\.sharpeyes\.event\.([A-Z]{2,3}\.[A-Z]{2,8})\.(new|update|end|cancel)\.v1$/;
const SOURCE_PATTERN = /^urn:sesb:node:([A-Za-z0-9._-]{1,64}):cam:([A-Za-z0-9._-]{1,64})$/;
const PERSON_SOURCE_PATTERN = /^urn:sesb:person:(grid-worker|resident|hotline)$/;

/** Through whom a person tells: the grid worker on the beat, a resident, the hotline's desk. */
export const reportChannelSchema = z.enum(["grid-worker", "resident", "hotline"]);
export type ReportChannel = z.infer<typeof reportChannelSchema>;

/** Stands where an event of a camera has its node: no node may carry this name. */
export const PERSON_NODE = "person";

export function eventTypeOf(code: string, phase: Phase): string {
  return `cn.sharpeyes.event.${code}.${phase}.v1`;
}

export function parseEventType(type: string): { code: string; phase: Phase } | undefined {
  const match = TYPE_PATTERN.exec(type);
  return match === null ? undefined : { code: match[1] as string, phase: match[2] as Phase };
}

export function eventSourceOf(nodeId: string, cameraId: string): string {
  return `urn:sesb:node:${nodeId}:cam:${cameraId}`;
}

export function parseEventSource(source: string): { nodeId: string; cameraId: string } | undefined {
  const match = SOURCE_PATTERN.exec(source);
  return match === null ? undefined : { nodeId: match[1] as string, cameraId: match[2] as string };
}

export function personSourceOf(channel: ReportChannel): string {
  return `urn:sesb:person:${channel}`;
}

/** Undefined for the source of a camera. */
export function parsePersonSource(source: string): ReportChannel | undefined {
  return PERSON_SOURCE_PATTERN.exec(source)?.[1] as ReportChannel | undefined;
}

const bilingual = z.object({ zh: z.string().max(200), en: z.string().max(200) }).strict();

export const locationSchema = z
  .object({
    /** Degrees in the named reference system. */
    lat: z.number().min(-90).max(90),
    lon: z.number().min(-180).max(180),
    crs: z.enum(["WGS84", "CGCS2000", "GCJ02"]),
    accuracyM: z.number().positive().optional(),
    gridCode: gridCodeSchema.optional(),
    address: z.string().max(200).optional(),
  })
  .strict();
export type Location = z.infer<typeof locationSchema>;

/** Which rule and model saw it, on what, and how sure they were. */
export const detectionSchema = z
  .object({
    ruleId: ruleIdSchema,
    ruleKind: z.string().max(40),
    model: z
      .object({ id: z.string().max(64), version: z.string().max(32), sha256: sha256Schema })
      .strict(),
    /** The execution provider that really ran the model. */
    provider: z.string().max(32),
    /** Of the object, where one object completed the alarm; a crowd or a covered lens has none. */
    label: z.string().max(40).optional(),
    /** Score of the detection, 0–1, not a calibrated probability. */
    confidence: z.number().min(0).max(1).optional(),
    box: boxNormSchema.optional(),
    trackId: z.number().int().nonnegative().optional(),
    /** Analysed frames in which this track was seen so far. */
    frames: z.number().int().positive().optional(),
    /** What the rule measured, unit in the name: `count`, `dwellS`, `speedMps` … */
    measures: z.record(z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/), z.number()).optional(),
    /** Capture of the completing frame → event durable on the node. */
    edgeLatencyMs: z.number().nonnegative(),
  })
  .strict();
export type EventDetection = z.infer<typeof detectionSchema>;

export const evidenceRefSchema = z
  .object({
    sha256: sha256Schema,
    role: z.enum(["snapshot", "clip"]),
    mime: z.enum(["image/jpeg", "video/mp4"]),
    bytes: z.number().int().positive(),
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    capturedAt: timestampSchema,
    /** What was done to the picture before it left the node. */
    redaction: z.enum(["none", "masked", "blurred"]),
  })
  .strict();
export type EvidenceRef = z.infer<typeof evidenceRefSchema>;

export const privacySchema = z
  .object({
    /** Why this camera may be analysed; from the camera's registration. */
    purpose: z.string().min(1).max(80),
    legalBasis: z.string().max(200).optional(),
    masksApplied: z.boolean(),
    /** Nobody is ever identified by an event. */
    identified: z.literal(false),
    classification: z.enum(["internal", "restricted"]),
  })
  .strict();

/** What a person told, in that person's words. */
export const personReportSchema = z
  .object({
    channel: reportChannelSchema,
    text: z.string().min(1).max(500),
    /** Number of the hotline's own ticket: reports with the same number are one happening. */
    ticket: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9/_-]{2,39}$/, "expected 3–40 letters, digits, '/', '_' or '-'")
      .optional(),
  })
  .strict();
export type PersonReport = z.infer<typeof personReportSchema>;

export const eventDataSchema = z
  .object({
    alarmId: alarmIdSchema,
    title: bilingual,
    line: lineCodeSchema,
    severity: severitySchema,
    urgency: z.enum(["immediate", "expected", "future", "past", "unknown"]),
    /** `observed` only after a human has confirmed it. */
    certainty: z.enum(["observed", "likely", "possible", "unlikely", "unknown"]),
    exercise: z.enum(["actual", "exercise", "test"]),
    /** First frame of the cause. */
    onset: timestampSchema,
    /** Last frame of the cause, when the alarm has ended. */
    endedAt: timestampSchema.optional(),
    /** The frame that completed the alarm, and how its capture time is known. */
    capture: z
      .object({
        at: timestampSchema,
        /**
         * `stream`: the stream's own clock, placed on the wall clock by the least-delayed frame.
         * `arrival`: the moment at which the frame reached the node.
         * `report`: the moment at which a person saw it, as that person says.
         */
        clock: z.enum(["stream", "arrival", "report"]),
      })
      .strict(),
    location: locationSchema,
    /** What told: a camera, or for `person` one report of a person on node `person`. */
    device: z
      .object({
        id: cameraIdSchema,
        nodeId: nodeIdSchema,
        name: z.string().max(80),
        kind: z.enum(["fixed", "ptz", "high-point", "person"]),
      })
      .strict(),
    /** Present on what a person told, and only there; never who that was. */
    report: personReportSchema.optional(),
    /** Absent on events that no model saw, such as a lost camera. */
    detection: detectionSchema.optional(),
    evidence: z.array(evidenceRefSchema).max(8),
    privacy: privacySchema,
  })
  .strict();
export type EventData = z.infer<typeof eventDataSchema>;

export const incidentEventSchema = z
  .object({
    specversion: z.literal("1.0"),
    id: eventIdSchema,
    source: z
      .string()
      .refine(
        (source) => SOURCE_PATTERN.test(source) || PERSON_SOURCE_PATTERN.test(source),
        "expected urn:sesb:node:<node>:cam:<camera> or urn:sesb:person:<channel>",
      ),
    type: z
      .string()
      .regex(TYPE_PATTERN, "expected cn.sharpeyes.event.<code>.<new|update|end|cancel>.v1")
      .refine((type) => findEventType(parseEventType(type)?.code ?? "") !== undefined, {
        error: "expected an event type of the catalogue",
      }),
    /** `camera/<id>/alarm/<id>`; the brain's own events use `grid/<code>/case/<id>`. */
    subject: z.string().max(200),
    /** Onset: when it began in the world. */
    time: timestampSchema,
    datacontenttype: z.literal("application/json"),
    dataschema: z.literal(EVENT_SCHEMA_URI),
    /** When the node recorded it. */
    recordedtime: timestampSchema,
    /** Zero-padded, rising per source: order on the wire. */
    sequence: z.string().regex(/^\d{12}$/, "expected 12 digits"),
    /** Alarm id: all phases of one alarm carry the same. */
    correlationid: alarmIdSchema,
    partitionkey: z.string().max(64),
    /** 5 − severity, so that it rises with gravity. */
    severitynumber: z.number().int().min(1).max(4),
    severitytext: z.string().max(20),
    dataclassification: z.enum(["internal", "restricted"]),
    data: eventDataSchema,
  })
  .strict()
  .superRefine((event, context) => {
    const source = parseEventSource(event.source);
    if (source !== undefined && source.cameraId !== event.data.device.id) {
      context.addIssue({
        code: "custom",
        path: ["data", "device", "id"],
        message: `expected the source's camera ${source.cameraId}, got ${event.data.device.id}`,
      });
    }
    checkTeller(event.source, event.data, context);
    if (event.correlationid !== event.data.alarmId) {
      context.addIssue({
        code: "custom",
        path: ["correlationid"],
        message: "expected the alarm id of the payload",
      });
    }
  });
export type IncidentEvent = z.infer<typeof incidentEventSchema>;

/** A person's event says so in its source, its device and its report alike; a camera's in none. */
function checkTeller(source: string, data: EventData, context: z.RefinementCtx): void {
  const channel = parsePersonSource(source);
  const { device, report } = data;
  const isPerson = channel !== undefined;
  const agrees =
    (device.kind === "person") === isPerson &&
    (device.nodeId === PERSON_NODE) === isPerson &&
    report?.channel === channel;
  if (!agrees) {
    context.addIssue({
      code: "custom",
      path: ["data", "report"],
      message: "expected source, device and report to name a person's channel, or none of them",
    });
  }
}

export const SEVERITY_TEXT = { 1: "extreme", 2: "severe", 3: "moderate", 4: "minor" } as const;
