/** Valid events, with whatever a test wants to be different. */
import {
  EVENT_SCHEMA_URI,
  eventSourceOf,
  eventTypeOf,
  findEventType,
  type IncidentEvent,
  type Phase,
} from "../../../protocol/index.ts";
import { createHash } from "node:crypto";
import { uuidv7 } from "uuidv7";

export interface SampleOptions {
  readonly id?: string;
  readonly code?: string;
  readonly phase?: Phase;
  readonly nodeId?: string;
  readonly cameraId?: string;
  readonly alarmId?: string;
  readonly sequence?: number;
  readonly at?: number;
  /** Where it is seen; a place far from any other alarm's where absent. */
  readonly place?: { readonly lat: number; readonly lon: number };
  readonly evidence?: readonly { readonly sha256: string; readonly bytes: number }[];
}

let counter = 0;

export function sampleEvent(options: SampleOptions = {}): IncidentEvent {
  counter += 1;
  const code = options.code ?? "SEC.INTRUDE";
  const phase = options.phase ?? "new";
  const nodeId = options.nodeId ?? "node-1";
  const cameraId = options.cameraId ?? "cam-1";
  const alarmId = options.alarmId ?? uuidv7();
  const time = new Date(options.at ?? Date.now()).toISOString();
  const type = findEventType(code);
  if (type === undefined) {
    throw new Error(`no event type ${code}`);
  }
  const event = {
    specversion: "1.0",
    id: options.id ?? uuidv7(),
    source: eventSourceOf(nodeId, cameraId),
    type: eventTypeOf(code, phase),
    subject: `camera/${cameraId}/alarm/${alarmId}`,
    time,
    datacontenttype: "application/json",
    dataschema: EVENT_SCHEMA_URI,
    recordedtime: time,
    sequence: String(options.sequence ?? counter).padStart(12, "0"),
    correlationid: alarmId,
    partitionkey: "110115001002003",
    severitynumber: 5 - type.severity,
    severitytext: "moderate",
    dataclassification: "internal",
    data: {
      alarmId,
      title: { zh: type.zh, en: type.en },
      line: type.line,
      severity: type.severity,
      urgency: "immediate",
      certainty: "likely",
      exercise: "test",
      onset: time,
      capture: { at: time, clock: "stream" },
      location: { ...(options.place ?? placeOf(alarmId)), crs: "WGS84" },
      device: { id: cameraId, nodeId, name: "Gate", kind: "fixed" },
      evidence: (options.evidence ?? []).map(({ sha256, bytes }) => ({
        sha256,
        role: "snapshot",
        mime: "image/jpeg",
        bytes,
        width: 64,
        height: 48,
        capturedAt: time,
        redaction: "none",
      })),
      privacy: {
        purpose: "public-safety",
        masksApplied: true,
        identified: false,
        classification: "internal",
      },
    },
  };
  return event as unknown as IncidentEvent;
}

/** Every alarm has a place of its own, so that correlation leaves tests' alarms apart. */
function placeOf(alarmId: string): { lat: number; lon: number } {
  const drawn = createHash("sha256").update(alarmId).digest();
  return {
    lat: 20 + (drawn.readUInt32BE(0) / 2 ** 32) * 30,
    lon: 80 + (drawn.readUInt32BE(4) / 2 ** 32) * 50,
  };
}
