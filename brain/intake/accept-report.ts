/** T1 for what a person told: the same event, inbox and evidence rows as an alarm of a camera. */
import type { Transaction } from "kysely";
import {
  type EpochMs,
  type IncidentEvent,
  parseEventType,
  parseTime,
  PERSON_NODE,
  PermanentError,
} from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { acceptIn } from "./accept-batch.ts";
import { canonicalJson, sha256Hex } from "./canonical.ts";

/** In the caller's transaction. The event was made here, so that it fits its schema. */
export async function acceptReport(
  tx: Transaction<Schema>,
  event: IncidentEvent,
  now: EpochMs,
): Promise<void> {
  const type = parseEventType(event.type);
  if (type === undefined) {
    throw new PermanentError("EVENT_INVALID", "The report has no event type", { got: event.type });
  }
  const body = Buffer.from(canonicalJson(event));
  const checked = {
    id: event.id,
    answerId: event.id,
    body,
    bodyHash: sha256Hex(body),
    nodeId: PERSON_NODE,
    cameraId: event.data.device.id,
    alarmId: event.data.alarmId,
    sequence: event.sequence,
    evidence: event.data.evidence,
    onset: parseTime(event.data.onset),
    capturedAt: parseTime(event.data.capture.at),
    eventType: type.code,
    phase: type.phase,
  };
  await acceptIn(tx, [{ nodeId: PERSON_NODE, items: [checked] }], now);
}
