/** Events of a town: news, and what follows it. The onset is the time at which it was to be sent. */
import { uuidv7 } from "uuidv7";
import {
  EVENT_SCHEMA_URI,
  eventSourceOf,
  eventTypeOf,
  findEventType,
  type Phase,
} from "../../protocol/index.ts";
import type { BenchNode, Mix } from "./orders.ts";

interface Alarm {
  readonly id: string;
  readonly code: string;
  readonly cameraId: string;
  readonly onset: string;
  readonly lat: number;
  readonly lon: number;
}

/** Alarms that a node remembers, so that more can be told of them. */
const REMEMBERED = 200;
/** Metres of a degree of latitude. */
const DEGREE_M = 111_320;

export class TownEvents {
  readonly #node: BenchNode;
  readonly #mix: Mix;
  readonly #codes: readonly string[];
  readonly #random: () => number;
  readonly #live: Alarm[] = [];
  #last: string | undefined;
  #sequence = 0;

  constructor(node: BenchNode, mix: Mix, codes: readonly string[], random: () => number) {
    this.#node = node;
    this.#mix = mix;
    this.#codes = codes;
    this.#random = random;
  }

  /** The text of one event that is due at `at`, epoch ms. */
  next(at: number): string {
    const { opening, joining, updating, clearing } = this.#mix;
    const draw = this.#random() * 100;
    if (draw >= opening + joining + updating + clearing && this.#last !== undefined) {
      return this.#last;
    }
    if (draw < opening || this.#live.length === 0) {
      return this.#tell(this.#begin(at), "new", at);
    }
    const place = Math.floor(this.#random() * this.#live.length);
    const alarm = this.#live[place] as Alarm;
    if (draw < opening + joining) {
      return this.#tell(this.#besides(alarm, at), "new", at);
    }
    if (draw < opening + joining + updating) {
      return this.#tell(alarm, "update", at);
    }
    this.#live.splice(place, 1);
    return this.#tell(alarm, "end", at);
  }

  /** Somewhere in a land of 1 000 km, where nothing else happens. */
  #begin(at: number): Alarm {
    return this.#remember({
      id: uuidv7(),
      code: this.#pick(this.#codes),
      cameraId: this.#pick(this.#node.cameraIds),
      onset: new Date(at).toISOString(),
      lat: 30 + this.#random() * 10,
      lon: 104 + this.#random() * 12,
    });
  }

  /** Another camera sees it too, some metres away. */
  #besides(alarm: Alarm, at: number): Alarm {
    const metres = (): number => ((this.#random() - 0.5) * 30) / DEGREE_M;
    return this.#remember({
      ...alarm,
      id: uuidv7(),
      cameraId: this.#pick(this.#node.cameraIds),
      onset: new Date(at).toISOString(),
      lat: alarm.lat + metres(),
      lon: alarm.lon + metres(),
    });
  }

  #remember(alarm: Alarm): Alarm {
    this.#live.push(alarm);
    if (this.#live.length > REMEMBERED) {
      this.#live.shift();
    }
    return alarm;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }

  #tell(alarm: Alarm, phase: Phase, at: number): string {
    this.#sequence += 1;
    this.#last = JSON.stringify(messageOf(this.#node.id, alarm, { phase, at, n: this.#sequence }));
    return this.#last;
  }
}

function messageOf(
  nodeId: string,
  alarm: Alarm,
  { phase, at, n }: { readonly phase: Phase; readonly at: number; readonly n: number },
): object {
  const type = findEventType(alarm.code);
  if (type === undefined) {
    throw new Error(`no event type ${alarm.code}`);
  }
  const time = new Date(at).toISOString();
  return {
    ...{ specversion: "1.0", id: uuidv7(), source: eventSourceOf(nodeId, alarm.cameraId) },
    ...{ type: eventTypeOf(alarm.code, phase), time, datacontenttype: "application/json" },
    ...{ subject: `camera/${alarm.cameraId}/alarm/${alarm.id}`, dataschema: EVENT_SCHEMA_URI },
    ...{ recordedtime: time, sequence: String(n).padStart(12, "0"), correlationid: alarm.id },
    ...{ partitionkey: "110115001002003", severitynumber: 5 - type.severity },
    ...{ severitytext: "moderate", dataclassification: "internal" },
    data: {
      ...{ alarmId: alarm.id, title: { zh: type.zh, en: type.en }, line: type.line },
      ...{ severity: type.severity, urgency: "immediate", certainty: "likely", exercise: "test" },
      ...{ onset: alarm.onset, ...(phase === "end" ? { endedAt: time } : {}) },
      capture: { at: time, clock: "stream" },
      location: { lat: alarm.lat, lon: alarm.lon, crs: "WGS84", gridCode: "110115001002003" },
      device: { id: alarm.cameraId, nodeId, name: `Gate of ${alarm.cameraId}`, kind: "fixed" },
      detection: {
        ...{ ruleId: "perimeter-night", ruleKind: "intrusion", provider: "cpu", label: "person" },
        model: { id: "nanodet-plus-m-1.5x", version: "1.0.0", sha256: "b".repeat(64) },
        ...{ confidence: 0.8123, trackId: 1234, frames: 41, edgeLatencyMs: 212.4 },
        box: { left: 0.4121, top: 0.3312, width: 0.0713, height: 0.2201 },
        measures: { dwellS: 3.4, speedMps: 1.21 },
      },
      evidence: [],
      privacy: {
        ...{ purpose: "public-safety", masksApplied: true, identified: false },
        classification: "internal",
      },
    },
  };
}
