/** Judges one event of a batch by itself: pure, so that a bad one never touches its neighbours. */
import {
  type AppError,
  EVENT_BYTES,
  type EpochMs,
  type EvidenceRef,
  fromZodError,
  type IncidentEvent,
  incidentEventSchema,
  PermanentError,
  parseEventSource,
  parseEventType,
  parseTime,
  type Phase,
} from "../../protocol/index.ts";
import { checkStorable, sha256Hex, UnstorableJsonError } from "./canonical.ts";

const HOUR_MS = 3_600_000;

/** No more than T1 writes: what waits for its commit is kept small for the collector's sake. */
export interface CheckedEvent {
  /** The event's id in lower case, as the database gives it back. */
  readonly id: string;
  /** The id as it was sent. */
  readonly answerId: string;
  /** JSON of the event, the very bytes that were sent. */
  readonly body: Buffer;
  /** SHA-256 of the body: equal hashes are equal bodies, other hashes may be. */
  readonly bodyHash: string;
  readonly nodeId: string;
  readonly cameraId: string;
  readonly alarmId: string;
  readonly eventType: string;
  readonly phase: Phase;
  readonly sequence: string;
  readonly onset: EpochMs;
  readonly capturedAt: EpochMs;
  readonly evidence: readonly EvidenceRef[];
}

export interface RefusedEvent {
  /** The id where one could be read. */
  readonly id: string | null;
  readonly error: AppError;
  /** What came, for quarantine; cut. */
  readonly excerpt: string;
}

/** `unregistered`: the register does not know the camera; the node's own directory does. */
export type CameraVerdict = "permitted" | "unregistered" | "inactive" | "not-its-purpose";

export interface EventRules {
  readonly nodeId: string;
  readonly now: EpochMs;
  readonly maxAgeH: number;
  readonly maxFutureS: number;
  readonly isKnownCamera: (cameraId: string) => boolean;
  /** Whether the town's register lets a camera tell of such events. */
  readonly judge: (cameraId: string, eventType: string) => CameraVerdict;
}

/** Most of a refused event that is kept. */
const EXCERPT_BYTES = 4_096;

export interface SentEvent {
  /** Its JSON as it travelled. */
  readonly text: Buffer;
  /** The same, parsed. */
  readonly value: unknown;
}

export function checkEvent(
  sent: SentEvent,
  index: number,
  rules: EventRules,
): CheckedEvent | RefusedEvent {
  try {
    return acceptable(sent, index, rules);
  } catch (error) {
    if (error instanceof PermanentError) {
      return { id: readId(sent.value), error, excerpt: excerptOf(sent.text) };
    }
    throw error;
  }
}

export function isRefused(result: CheckedEvent | RefusedEvent): result is RefusedEvent {
  return "error" in result;
}

function acceptable({ text, value }: SentEvent, index: number, rules: EventRules): CheckedEvent {
  const where = `events[${index}]`;
  checkText(text, value, where);
  const parsed = incidentEventSchema.safeParse(value);
  if (!parsed.success) {
    throw fromZodError("EVENT_INVALID", "The event", parsed.error, where);
  }
  const event = parsed.data;
  const source = parseEventSource(event.source);
  const type = parseEventType(event.type);
  if (source === undefined || type === undefined) {
    throw new PermanentError("EVENT_INVALID", "The event has no source or type", { where });
  }
  checkSource(event, source.nodeId, rules, where);
  if (!rules.isKnownCamera(source.cameraId)) {
    throw new PermanentError("CAMERA_UNKNOWN", "The camera is not in the directory", {
      where: `${where}.source`,
      expected: `a registered camera of node ${rules.nodeId}`,
      got: source.cameraId,
    });
  }
  checkRegistration(rules.judge(source.cameraId, type.code), source.cameraId, type.code, where);
  const { onset, capturedAt } = checkTimes(event, rules, where);
  return {
    id: event.id.toLowerCase(),
    answerId: event.id,
    body: text,
    bodyHash: sha256Hex(text),
    nodeId: source.nodeId,
    cameraId: source.cameraId,
    alarmId: event.data.alarmId,
    eventType: type.code,
    phase: type.phase,
    sequence: event.sequence,
    onset,
    capturedAt,
    evidence: event.data.evidence,
  };
}

function checkText(text: Buffer, value: unknown, where: string): void {
  if (text.length > EVENT_BYTES) {
    throw new PermanentError("BODY_TOO_LARGE", "The event is too large", {
      where,
      expected: `at most ${EVENT_BYTES} bytes`,
      got: `${text.length}`,
    });
  }
  try {
    checkStorable(text, value);
  } catch (error) {
    if (error instanceof UnstorableJsonError) {
      throw new PermanentError("EVENT_INVALID", `The event cannot be kept: ${error.message}`, {
        where,
      });
    }
    throw error;
  }
}

function checkSource(event: IncidentEvent, nodeId: string, rules: EventRules, where: string): void {
  const claims = [
    ["source", nodeId],
    ["data.device.nodeId", event.data.device.nodeId],
  ] as const;
  for (const [field, claimed] of claims) {
    if (claimed !== rules.nodeId) {
      throw new PermanentError("NODE_MISMATCH", "The event names another node than its sender", {
        where: `${where}.${field}`,
        expected: rules.nodeId,
        got: claimed,
      });
    }
  }
}

/** The law of cameras: what is switched off or does not serve its purpose makes no case. */
function checkRegistration(
  verdict: CameraVerdict,
  cameraId: string,
  eventType: string,
  where: string,
): void {
  if (verdict === "inactive") {
    throw new PermanentError("CAMERA_INACTIVE", "The camera is not active in the town's register", {
      where: `${where}.source`,
      expected: "an active registration",
      got: cameraId,
    });
  }
  if (verdict === "not-its-purpose") {
    throw new PermanentError("CAMERA_INACTIVE", "The camera is not registered for such events", {
      where: `${where}.type`,
      expected: `an event type that ${cameraId} is registered for`,
      got: eventType,
    });
  }
}

/** Milliseconds of the onset and of the capture, which lie between the bounds as all times do. */
function checkTimes(
  event: IncidentEvent,
  rules: EventRules,
  where: string,
): { onset: EpochMs; capturedAt: EpochMs } {
  const { onset: onsetText, capture, evidence } = event.data;
  const onset = parseTime(onsetText);
  // Most events carry one moment twice.
  const time = event.time === onsetText ? onset : parseTime(event.time);
  const capturedAt = parseTime(capture.at);
  const all = [onset, time, capturedAt, ...evidence.map((ref) => parseTime(ref.capturedAt))];
  const newest = Math.max(...all);
  if (Number.isNaN(newest)) {
    throw new PermanentError("EVENT_INVALID", "The event holds a time that does not exist", {
      where,
      expected: "RFC 3339 date-times",
    });
  }
  const oldest = rules.now - rules.maxAgeH * HOUR_MS;
  if (Math.min(onset, time) < oldest) {
    throw new PermanentError("EVENT_TOO_OLD", "The event began too long ago", {
      where: `${where}.time`,
      expected: `an onset after ${new Date(oldest).toISOString()}`,
      got: event.time,
    });
  }
  const latest = rules.now + rules.maxFutureS * 1000;
  if (newest > latest) {
    throw new PermanentError("EVENT_IN_FUTURE", "The event lies in the future", {
      where: `${where}.time`,
      expected: `times before ${new Date(latest).toISOString()}`,
      got: event.time,
    });
  }
  return { onset, capturedAt };
}

function readId(value: unknown): string | null {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : null;
  return typeof id === "string" ? id.slice(0, 64) : null;
}

function excerptOf(text: Buffer): string {
  return text.subarray(0, EXCERPT_BYTES).toString();
}
