/** Branded identifiers: parsed once at the edge of a process, trusted inside. */
import { z } from "zod";

/** A name that operators choose: letters, digits, dot, dash, underscore; fits a path and a URN. */
const slug = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "expected 1–64 letters, digits, '.', '_' or '-'");

export const nodeIdSchema = slug.brand<"NodeId">();
export const cameraIdSchema = slug.brand<"CameraId">();
export const ruleIdSchema = slug.brand<"RuleId">();
export const eventIdSchema = z.uuid().brand<"EventId">();
export const alarmIdSchema = z.uuid().brand<"AlarmId">();
export const incidentIdSchema = z.uuid().brand<"IncidentId">();
export const caseIdSchema = z.uuid().brand<"CaseId">();
export const taskIdSchema = z.uuid().brand<"TaskId">();
export const deliveryIdSchema = z.uuid().brand<"DeliveryId">();
export const endpointIdSchema = z.uuid().brand<"EndpointId">();
/** SHA-256 of a file's bytes, lower-case hexadecimal. */
export const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "expected 64 lower-case hexadecimal digits")
  .brand<"Sha256">();
/** 15-digit grid code (网格编码): 6 admin + 3 street or town + 3 community + 3 sequence. */
export const gridCodeSchema = z
  .string()
  .regex(/^\d{15}$/, "expected 15 digits")
  .brand<"GridCode">();

export type NodeId = z.infer<typeof nodeIdSchema>;
export type CameraId = z.infer<typeof cameraIdSchema>;
export type RuleId = z.infer<typeof ruleIdSchema>;
export type EventId = z.infer<typeof eventIdSchema>;
export type AlarmId = z.infer<typeof alarmIdSchema>;
export type IncidentId = z.infer<typeof incidentIdSchema>;
export type CaseId = z.infer<typeof caseIdSchema>;
export type TaskId = z.infer<typeof taskIdSchema>;
export type DeliveryId = z.infer<typeof deliveryIdSchema>;
export type EndpointId = z.infer<typeof endpointIdSchema>;
export type Sha256 = z.infer<typeof sha256Schema>;
export type GridCode = z.infer<typeof gridCodeSchema>;
