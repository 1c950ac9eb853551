/** Shapes of the catalogue: event types, departments and 9+X business lines, all of them data. */
import { z } from "zod";

export const departmentCodeSchema = z
  .string()
  .regex(/^[A-Z]{2}$/)
  .brand<"DepartmentCode">();
export type DepartmentCode = z.infer<typeof departmentCodeSchema>;

export const eventTypeCodeSchema = z
  .string()
  .regex(/^[A-Z]{2,3}\.[A-Z]{2,8}$/)
  .brand<"EventTypeCode">();
export type EventTypeCode = z.infer<typeof eventTypeCodeSchema>;

export const lineCodeSchema = z
  .string()
  .regex(/^[BX]\d$/)
  .brand<"LineCode">();
export type LineCode = z.infer<typeof lineCodeSchema>;

/** Service levels, S0 life safety to S4 disputes. */
export const serviceLevelSchema = z.enum(["S0", "S1", "S2", "S3", "S4"]);
export type ServiceLevel = z.infer<typeof serviceLevelSchema>;

/** 1 is the gravest. */
export const severitySchema = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
export type Severity = z.infer<typeof severitySchema>;

export const departmentSchema = z
  .object({
    id: z.string().regex(/^D\d\d$/),
    code: departmentCodeSchema,
    zh: z.string(),
    en: z.string(),
    note: z.string(),
  })
  .strict();
export type Department = z.infer<typeof departmentSchema>;

export const lineSchema = z
  .object({
    code: lineCodeSchema,
    zh: z.string(),
    en: z.string(),
    /** How far video may serve this line, in words. */
    videoLink: z.string(),
    /** Registers of persons are never enabled. */
    enabled: z.boolean(),
  })
  .strict();
export type BusinessLine = z.infer<typeof lineSchema>;

export const eventTypeSchema = z
  .object({
    code: eventTypeCodeSchema,
    zh: z.string(),
    en: z.string(),
    line: lineCodeSchema,
    severity: severitySchema,
    lead: departmentCodeSchema,
    co: z.array(departmentCodeSchema),
    sla: serviceLevelSchema,
    sources: z.array(z.string()).min(1),
    /** Category of the Common Alerting Protocol 1.2. */
    capCategory: z.string(),
    /** Class digits of GB/T 30428.2 (`*` nearest class, `xx` to be allocated), or null. */
    gbClass: z.string().nullable(),
    /** AlarmMethod and AlarmType of GB/T 28181, or null. */
    gb28181: z.object({ method: z.number().int(), type: z.number().int().nullable() }).nullable(),
    /** Behaviour code of GA/T 2000.254, or null. */
    gat2000: z.string().nullable(),
    /** ONVIF topic below tns1:RuleEngine or tns1:VideoSource, or null. */
    onvifTopic: z.string().nullable(),
  })
  .strict();
export type EventType = z.infer<typeof eventTypeSchema>;

export const catalogueSchema = z
  .object({
    departments: z.array(departmentSchema),
    lines: z.array(lineSchema),
    eventTypes: z.array(eventTypeSchema),
  })
  .strict();
export type Catalogue = z.infer<typeof catalogueSchema>;
