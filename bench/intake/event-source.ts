/**
 * What one busy node tells: alarms that begin with a picture, go on and end. Bodies are put
 * together from text around the few words that differ, because the generator shares the machine.
 */
import { uuidv7 } from "uuidv7";
import {
  EVENT_SCHEMA_URI,
  eventSourceOf,
  eventTypeOf,
  findEventType,
  type Phase,
} from "../../protocol/index.ts";

const CODES = ["SEC.INTRUDE", "SEC.CROWD", "FIR.SMOKE", "TRF.PARK"] as const;
/** Each alarm tells these, one after another; the first brings a snapshot. */
const PHASES: readonly Phase[] = ["new", "update", "update", "end"];

/** Stand for what differs; no other text holds them. */
const ID = "00000000-0000-7000-8000-00000000aaaa";
const ALARM = "00000000-0000-7000-8000-00000000bbbb";
const TIME = "2026-01-01T00:00:00.000Z";
const SEQUENCE = "999999999999";
const SHA = "c".repeat(64);
const WORDS = new RegExp(`(${[ID, ALARM, TIME, SEQUENCE, SHA].join("|")})`);

const SNAPSHOT = {
  sha256: SHA,
  role: "snapshot",
  mime: "image/jpeg",
  bytes: 183_204,
  width: 1920,
  height: 1080,
  capturedAt: TIME,
  redaction: "masked",
};

const DETECTION = {
  ruleId: "perimeter-night",
  ruleKind: "intrusion",
  model: { id: "nanodet-plus-m-1.5x", version: "1.0.0", sha256: "b".repeat(64) },
  provider: "cpu",
  label: "person",
  confidence: 0.8123,
  box: { left: 0.4121, top: 0.3312, width: 0.0713, height: 0.2201 },
  trackId: 1234,
  frames: 41,
  measures: { dwellS: 3.4, speedMps: 1.21 },
  edgeLatencyMs: 212.4,
};

export interface BenchCamera {
  readonly id: string;
  /** Where it stands, and what it sees. */
  readonly lat: number;
  readonly lon: number;
}

interface Alarm {
  readonly id: string;
  readonly onset: string;
  /** Pieces of each phase's event. */
  readonly texts: readonly (readonly string[])[];
  step: number;
}

export class EventSource {
  readonly #texts: readonly (readonly (readonly string[])[])[];
  readonly #random: () => number;
  readonly #alarms: Alarm[] = [];
  #sequence = 0;

  constructor(nodeId: string, cameras: readonly BenchCamera[], random: () => number) {
    this.#random = random;
    const codes = CODES.filter((code) => findEventType(code) !== undefined);
    this.#texts = cameras.map((camera, index) => {
      const code = codes[index % codes.length] ?? "SEC.INTRUDE";
      return PHASES.map((phase) => template(nodeId, camera, code, phase).split(WORDS));
    });
  }

  /** The body of a batch of `count` events at `now`. */
  batch(count: number, now: number): string {
    const time = new Date(now).toISOString();
    const events = Array.from({ length: count }, () => this.#next(time));
    return `[${events.join(",")}]`;
  }

  #next(time: string): string {
    const alarm = this.#pick(time);
    const pieces = alarm.texts[alarm.step] as readonly string[];
    alarm.step += 1;
    this.#sequence += 1;
    const id = uuidv7();
    const sequence = String(this.#sequence).padStart(12, "0");
    let text = "";
    for (const piece of pieces) {
      text +=
        piece === ID
          ? id
          : piece === ALARM
            ? alarm.id
            : piece === TIME
              ? alarm.onset
              : piece === SEQUENCE
                ? sequence
                : piece === SHA
                  ? id.replaceAll("-", "").repeat(2)
                  : piece;
    }
    return text;
  }

  /** Some twenty alarms go on at a time; one that has ended makes room for another. */
  #pick(time: string): Alarm {
    const place = Math.floor(this.#random() * 20);
    const running = this.#alarms[place];
    if (running !== undefined && running.step < PHASES.length) {
      return running;
    }
    const camera = Math.floor(this.#random() * this.#texts.length);
    const texts = this.#texts[camera] as readonly (readonly string[])[];
    const alarm: Alarm = { id: uuidv7(), onset: time, texts, step: 0 };
    this.#alarms[place] = alarm;
    return alarm;
  }
}

function template(
  nodeId: string,
  { id: cameraId, lat, lon }: BenchCamera,
  code: string,
  phase: Phase,
): string {
  const type = findEventType(code);
  if (type === undefined) {
    throw new Error(`no event type ${code}`);
  }
  return JSON.stringify({
    specversion: "1.0",
    id: ID,
    source: eventSourceOf(nodeId, cameraId),
    type: eventTypeOf(code, phase),
    subject: `camera/${cameraId}/alarm/${ALARM}`,
    time: TIME,
    datacontenttype: "application/json",
    dataschema: EVENT_SCHEMA_URI,
    recordedtime: TIME,
    sequence: SEQUENCE,
    correlationid: ALARM,
    partitionkey: "110115001002003",
    severitynumber: 5 - type.severity,
    severitytext: "moderate",
    dataclassification: "internal",
    data: {
      alarmId: ALARM,
      title: { zh: type.zh, en: type.en },
      line: type.line,
      severity: type.severity,
      urgency: "immediate",
      certainty: "likely",
      exercise: "test",
      onset: TIME,
      ...(phase === "end" ? { endedAt: TIME } : {}),
      capture: { at: TIME, clock: "stream" },
      location: { lat, lon, crs: "WGS84", gridCode: "110115001002003" },
      device: { id: cameraId, nodeId, name: `Gate of ${cameraId}`, kind: "fixed" },
      detection: DETECTION,
      evidence: phase === "new" ? [SNAPSHOT] : [],
      privacy: {
        purpose: "public-safety",
        masksApplied: true,
        identified: false,
        classification: "internal",
      },
    },
  });
}
