/** Judges one event of a batch by itself: pure, so that a bad one never touches its neighbours. */
import {
  type AppError,
  EVENT_BYTES,
  type EpochMs,
  fromZodError,
  type IncidentEvent,
  incidentEventSchema,
  PermanentError,
  parseEventSource,
  parseEventType,
  parseTime,
  type Phase,
} from "../../protocol/index.ts";
import { canonicalJson, sha256Hex, UnstorableJsonError } from "./canonical.ts";

const HOUR_MS = 3_600_000;

export interface CheckedEvent {
  /** The event's id in lower case, as the database gives it back. */
  readonly id: string;
  readonly event: IncidentEvent;
  /** Canonical text of the event. */
  readonly body: string;
  readonly bodyHash: string;
  readonly nodeId: string;
  readonly cameraId: string;
  readonly eventType: string;
  readonly phase: Phase;
}

export interface RefusedEvent {
  /** The id where one could be read. */
  readonly id: string | null;
  readonly error: AppError;
  /** What came, for quarantine; cut. */
  readonly excerpt: string;
}

export interface EventRules {
  readonly nodeId: string;
  readonly now: EpochMs;
  readonly maxAgeH: number;
  readonly maxFutureS: number;
  readonly isKnownCamera: (cameraId: string) => boolean;
}

/** Longest text of a refused event that is kept. */
const EXCERPT_LENGTH = 4_096;

export function checkEvent(
  value: unknown,
  index: number,
  rules: EventRules,
): CheckedEvent | RefusedEvent {
  try {
    return acceptable(value, index, rules);
  } catch (error) {
    if (error instanceof PermanentError) {
      return { id: readId(value), error, excerpt: excerptOf(value) };
    }
    throw error;
  }
}

export function isRefused(result: CheckedEvent | RefusedEvent): result is RefusedEvent {
  return "error" in result;
}

function acceptable(value: unknown, index: number, rules: EventRules): CheckedEvent {
  const where = `events[${index}]`;
  const body = canonicalBody(value, where);
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
  checkTimes(event, rules, where);
  return {
    id: event.id.toLowerCase(),
    event,
    body,
    bodyHash: sha256Hex(body),
    ...source,
    eventType: type.code,
    phase: type.phase,
  };
}

function canonicalBody(value: unknown, where: string): string {
  let body: string;
  try {
    body = canonicalJson(value);
  } catch (error) {
    if (error instanceof UnstorableJsonError) {
      throw new PermanentError("EVENT_INVALID", `The event cannot be kept: ${error.message}`, {
        where,
      });
    }
    throw error;
  }
  const bytes = Buffer.byteLength(body);
  if (bytes > EVENT_BYTES) {
    throw new PermanentError("BODY_TOO_LARGE", "The event is too large", {
      where,
      expected: `at most ${EVENT_BYTES} bytes`,
      got: `${bytes}`,
    });
  }
  return body;
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

function checkTimes(event: IncidentEvent, rules: EventRules, where: string): void {
  const onsets = [parseTime(event.time), parseTime(event.data.onset)];
  const captures = [event.data.capture.at, ...event.data.evidence.map((ref) => ref.capturedAt)];
  const all = [...onsets, ...captures.map(parseTime)];
  if (all.some((at) => Number.isNaN(at))) {
    throw new PermanentError("EVENT_INVALID", "The event holds a time that does not exist", {
      where,
      expected: "RFC 3339 date-times",
    });
  }
  const oldest = rules.now - rules.maxAgeH * HOUR_MS;
  if (Math.min(...onsets) < oldest) {
    throw new PermanentError("EVENT_TOO_OLD", "The event began too long ago", {
      where: `${where}.time`,
      expected: `an onset after ${new Date(oldest).toISOString()}`,
      got: event.time,
    });
  }
  const latest = rules.now + rules.maxFutureS * 1000;
  if (Math.max(...all) > latest) {
    throw new PermanentError("EVENT_IN_FUTURE", "The event lies in the future", {
      where: `${where}.time`,
      expected: `times before ${new Date(latest).toISOString()}`,
      got: event.time,
    });
  }
}

function readId(value: unknown): string | null {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : null;
  return typeof id === "string" ? id.slice(0, 64) : null;
}

function excerptOf(value: unknown): string {
  try {
    return storable(JSON.stringify(value)).slice(0, EXCERPT_LENGTH);
  } catch {
    // Nesting beyond the stack: there is nothing sensible to keep of it.
    return "(nested too deeply to be kept)";
  }
}

/** JSON text escapes NUL and lone surrogates, so only a cut in the middle of a pair can hurt. */
function storable(text: string): string {
  return text.slice(0, EXCERPT_LENGTH).replace(/[\ud800-\udbff]$/, "");
}
