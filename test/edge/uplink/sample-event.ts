import { randomUUID } from "node:crypto";
import {
  EVENT_SCHEMA_URI,
  eventSourceOf,
  eventTypeOf,
  formatTime,
  incidentEventSchema,
} from "../../../protocol/index.ts";
import type { IncidentEvent, Phase } from "../../../protocol/index.ts";

export interface SampleOptions {
  readonly sequence: string;
  readonly camera?: string;
  readonly phase?: Phase;
  readonly id?: string;
  readonly title?: string;
}

/** A complete event, valid against the protocol's schema. */
export function sampleEvent(options: SampleOptions): IncidentEvent {
  const { sequence, camera = "cam-1", phase = "new", id = randomUUID(), title = "x" } = options;
  const at = formatTime(Date.UTC(2026, 0, 2, 3, 4, 5));
  const alarmId = randomUUID();
  return incidentEventSchema.parse({
    specversion: "1.0",
    id,
    source: eventSourceOf("node-1", camera),
    type: eventTypeOf("SEC.INTRUDE", phase),
    subject: `camera/${camera}/alarm/${alarmId}`,
    time: at,
    datacontenttype: "application/json",
    dataschema: EVENT_SCHEMA_URI,
    recordedtime: at,
    sequence,
    correlationid: alarmId,
    partitionkey: camera,
    severitynumber: 3,
    severitytext: "severe",
    dataclassification: "internal",
    data: {
      alarmId,
      title: { zh: title, en: title },
      line: "B1",
      severity: 2,
      urgency: "immediate",
      certainty: "likely",
      exercise: "actual",
      onset: at,
      capture: { at, clock: "stream" },
      location: { lat: 31.2, lon: 121.5, crs: "WGS84" },
      device: { id: camera, nodeId: "node-1", name: camera, kind: "fixed" },
      evidence: [],
      privacy: {
        purpose: "safety",
        masksApplied: true,
        identified: false,
        classification: "internal",
      },
    },
  });
}
