/** Builds the standardized event of one step of an alarm. Pure. */
import type { CameraConfig, RuleConfig } from "../config/index.ts";
import {
  EVENT_SCHEMA_URI,
  eventSourceOf,
  eventTypeOf,
  findEventType,
  formatTime,
  PermanentError,
  SEVERITY_TEXT,
  type AlarmId,
  type EpochMs,
  type EventDetection,
  type EventId,
  type EvidenceRef,
  type IncidentEvent,
  type Location,
  type NodeId,
  type Phase,
  type Severity,
  type Sha256,
} from "../protocol/index.ts";
import type { ModelReport } from "./infer/index.ts";
import type { AlarmSubject, Measures } from "./rules/index.ts";

export interface EventFacts {
  readonly id: EventId;
  readonly alarmId: AlarmId;
  readonly phase: Phase;
  readonly sequence: string;
  readonly onset: EpochMs;
  readonly endedAt?: EpochMs;
  readonly captureTime: EpochMs;
  readonly captureClock: "stream" | "arrival";
  /** Where the object is, of a calibrated camera; the camera's own place when left out. */
  readonly position?: Location;
  readonly recordedAt: EpochMs;
  readonly object?: AlarmSubject;
  readonly measures?: Measures;
  readonly evidence: readonly EvidenceRef[];
}

export interface EventContext {
  readonly nodeId: NodeId;
  readonly camera: CameraConfig;
  readonly rule: RuleConfig;
  readonly model: ModelReport;
}

export function buildEvent(context: EventContext, facts: EventFacts): IncidentEvent {
  const { nodeId, camera, rule } = context;
  const type = findEventType(rule.eventType);
  if (type === undefined) {
    throw new PermanentError("CONFIG_INVALID", "A rule names an unknown event type", {
      where: `rule ${rule.id}`,
      got: rule.eventType,
    });
  }
  return {
    specversion: "1.0",
    id: facts.id,
    source: eventSourceOf(nodeId, camera.id),
    type: eventTypeOf(rule.eventType, facts.phase),
    subject: `camera/${camera.id}/alarm/${facts.alarmId}`,
    time: formatTime(facts.onset),
    datacontenttype: "application/json",
    dataschema: EVENT_SCHEMA_URI,
    recordedtime: formatTime(facts.recordedAt),
    sequence: facts.sequence,
    correlationid: facts.alarmId,
    partitionkey: camera.location.gridCode ?? camera.id,
    ...gravityOf(type.severity),
    dataclassification: "internal",
    data: {
      alarmId: facts.alarmId,
      title: { zh: type.zh, en: type.en },
      line: type.line,
      severity: type.severity,
      urgency: facts.phase === "end" ? "past" : "immediate",
      certainty: "possible", // No human has looked yet.
      exercise: "actual",
      onset: formatTime(facts.onset),
      ...(facts.endedAt === undefined ? {} : { endedAt: formatTime(facts.endedAt) }),
      capture: { at: formatTime(facts.captureTime), clock: facts.captureClock },
      location: { ...camera.location, ...facts.position },
      device: { id: camera.id, nodeId, name: camera.name, kind: camera.kind },
      ...(facts.phase === "end" ? {} : { detection: detectionOf(context, facts) }),
      evidence: [...facts.evidence],
      privacy: {
        purpose: camera.purpose,
        ...(camera.legalBasis === undefined ? {} : { legalBasis: camera.legalBasis }),
        masksApplied: camera.masks.length > 0,
        identified: false,
        classification: "internal",
      },
    },
  };
}

function gravityOf(severity: Severity): Pick<IncidentEvent, "severitynumber" | "severitytext"> {
  return { severitynumber: 5 - severity, severitytext: SEVERITY_TEXT[severity] };
}

function detectionOf(
  { rule, model }: EventContext,
  { object = {}, measures, recordedAt, captureTime }: EventFacts,
): EventDetection {
  return {
    ruleId: rule.id,
    ruleKind: rule.kind,
    model: { id: model.id, version: model.version, sha256: model.sha256 as Sha256 },
    provider: model.provider,
    ...(object.label === undefined ? {} : { label: object.label }),
    ...(object.score === undefined ? {} : { confidence: object.score }),
    ...(object.box === undefined ? {} : { box: object.box }),
    ...(object.trackId === undefined ? {} : { trackId: object.trackId }),
    ...(object.frames === undefined ? {} : { frames: object.frames }),
    ...(measures === undefined ? {} : { measures }),
    edgeLatencyMs: Math.max(0, recordedAt - captureTime),
  };
}
