/** A person's report as an event, the same that a camera's alarm is. */
import {
  alarmIdSchema,
  cameraIdSchema,
  type EpochMs,
  EVENT_SCHEMA_URI,
  type EvidenceRef,
  eventIdSchema,
  eventTypeOf,
  findEventType,
  formatTime,
  type IncidentEvent,
  type Location,
  nodeIdSchema,
  parseTime,
  PERSON_NODE,
  PermanentError,
  personSourceOf,
  type ReportChannel,
  type ReportRequest,
  SEVERITY_TEXT,
} from "../../protocol/index.ts";
import type { CleanPhoto } from "./clean-photo.ts";

/** How the reporter appears where a case names its camera. */
const NAMES: Readonly<Record<ReportChannel, string>> = {
  "grid-worker": "网格员上报 / grid worker",
  resident: "居民上报 / resident",
  hotline: "热线上报 / hotline",
};

/** A phone's clock may be this far ahead before it is called wrong. */
const CLOCK_SLACK_MS = 120_000;
const HOUR_MS = 3_600_000;

export interface EventDraft {
  readonly request: ReportRequest;
  readonly location: Location;
  readonly photos: readonly CleanPhoto[];
  readonly reportId: string;
  readonly eventId: string;
  readonly now: EpochMs;
  readonly maxAgeH: number;
}

/** @throws PermanentError EVENT_TOO_OLD or EVENT_IN_FUTURE for the time at which it was seen. */
export function reportEvent(draft: EventDraft): IncidentEvent {
  const { request, location, photos, reportId, eventId, now } = draft;
  const { channel, text, ticket } = request;
  const type = findEventType(request.eventType);
  if (type === undefined) {
    throw new PermanentError("EVENT_INVALID", "The event type is unknown", { where: "eventType" });
  }
  const seen = formatTime(seenAt(draft));
  const alarmId = alarmIdSchema.parse(reportId);
  // Each report is a teller of its own: what many people tell at once is no camera's storm.
  const teller = cameraIdSchema.parse(`${channel}.${reportId}`);
  return {
    specversion: "1.0",
    id: eventIdSchema.parse(eventId),
    source: personSourceOf(channel),
    type: eventTypeOf(type.code, "new"),
    subject: `person/${channel}/report/${reportId}`,
    time: seen,
    datacontenttype: "application/json",
    dataschema: EVENT_SCHEMA_URI,
    recordedtime: formatTime(now),
    sequence: "000000000001",
    correlationid: alarmId,
    partitionkey: location.gridCode ?? reportId,
    severitynumber: 5 - type.severity,
    severitytext: SEVERITY_TEXT[type.severity],
    dataclassification: "restricted",
    data: {
      alarmId,
      title: { zh: type.zh, en: type.en },
      line: type.line,
      severity: type.severity,
      urgency: type.severity <= 2 ? "immediate" : "expected",
      // A grid worker has looked; what others tell has yet to be looked at.
      certainty: channel === "grid-worker" ? "observed" : "likely",
      exercise: "actual",
      onset: seen,
      capture: { at: seen, clock: "report" },
      location,
      device: {
        id: teller,
        nodeId: nodeIdSchema.parse(PERSON_NODE),
        name: NAMES[channel],
        kind: "person",
      },
      report: { channel, text, ...(ticket === undefined ? {} : { ticket }) },
      evidence: photos.map((photo) => evidenceRef(photo, seen)),
      privacy: {
        purpose: "report of a person",
        masksApplied: false,
        identified: false,
        classification: "restricted",
      },
    },
  };
}

function evidenceRef(
  { sha256, bytes, width, height }: CleanPhoto,
  capturedAt: string,
): EvidenceRef {
  return {
    sha256,
    role: "snapshot",
    mime: "image/jpeg",
    bytes: bytes.length,
    width,
    height,
    capturedAt,
    redaction: "none",
  };
}

function seenAt({ request, now, maxAgeH }: EventDraft): EpochMs {
  const said = request.seenAt === undefined ? now : parseTime(request.seenAt);
  if (said > now + CLOCK_SLACK_MS) {
    throw new PermanentError("EVENT_IN_FUTURE", "The report lies in the future", {
      where: "seenAt",
      expected: `a time before ${formatTime(now)}`,
      got: request.seenAt ?? "",
    });
  }
  const oldest = now - maxAgeH * HOUR_MS;
  if (said < oldest) {
    throw new PermanentError("EVENT_TOO_OLD", "It was seen too long ago", {
      where: "seenAt",
      expected: `a time after ${formatTime(oldest)}; report it as it is now`,
      got: request.seenAt ?? "",
    });
  }
  return Math.min(said, now);
}
