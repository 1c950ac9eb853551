/** What people tell, seen by correlation: the promises that `brain/reports` relies on. */
import { describe, expect, it } from "vitest";
import {
  correlate,
  correlationContext,
  CorrelationState,
  sightingOf,
  type Silence,
} from "../../../brain/correlate/index.ts";
import { PERSON_NODE } from "../../../protocol/index.ts";

const T0 = Date.parse("2026-11-24T08:00:00Z");
const MINUTE = 60_000;

interface Told {
  readonly minute: number;
  readonly code?: string;
  readonly camera?: string;
  readonly ticket?: string;
  readonly lat?: number;
}

let count = 0;
function told({ minute, code = "FIR.SMOKE", camera, ticket, lat = 39.8 }: Told) {
  count += 1;
  const at = new Date(T0 + minute * MINUTE).toISOString();
  return sightingOf(
    {
      id: `event-${count}`,
      nodeId: camera === undefined ? PERSON_NODE : "node-1",
      cameraId: camera ?? `resident.${count}`,
      alarmId: `alarm-${count}`,
      phase: "new",
      sequence: "000000000001",
      code,
      acceptedAt: T0 + minute * MINUTE,
      data: {
        onset: at,
        capture: { at: at, clock: camera === undefined ? "report" : "stream" },
        location: { lat, lon: 116.5, crs: "WGS84", accuracyM: 20 },
        exercise: "actual",
        ...(camera === undefined
          ? { report: { channel: "resident", text: "烟", ...(ticket ? { ticket } : {}) } as const }
          : {}),
      },
    },
    camera === undefined ? null : 0,
  );
}

function incidentsOf(
  sightings: readonly ReturnType<typeof told>[],
  silences: readonly Silence[] = [],
): number {
  let id = 0;
  const newId = (): string => `incident-${(id += 1)}`;
  const state = new CorrelationState();
  const commands = correlate(state, sightings, correlationContext({ newId, silences }));
  const opened = commands.filter(({ kind }) => kind === "open").length;
  return opened - commands.filter(({ kind }) => kind === "merge").length;
}

describe("people's reports in correlation", () => {
  it("are one with what a camera saw up to some minutes before, in either order", () => {
    const camera = { minute: 0, camera: "cam-1" };
    const person = { minute: 9 };
    expect(incidentsOf([told(camera), told(person)])).toBe(1);
    expect(incidentsOf([told(person), told(camera)])).toBe(1);
  });

  it("are apart from what was seen long before, far away, or of another kind", () => {
    const camera = { minute: 0, camera: "cam-1" };
    for (const person of [
      { minute: 60 },
      { minute: 2, lat: 39.85 },
      { minute: 2, code: "UM.AD" },
    ]) {
      expect(incidentsOf([told(camera), told(person)]), JSON.stringify(person)).toBe(2);
    }
  });

  it("are one by the ticket's number", () => {
    const ticket = "12345-2026-118";
    const far = { minute: 200, lat: 39.95, code: "CIV.HELP", ticket };
    expect(incidentsOf([told({ minute: 0, ticket }), told(far)])).toBe(1);
  });

  it("are no storm, however many come at once", () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      told({ minute: 0, lat: 39 + index / 50 }),
    );
    expect(incidentsOf(many)).toBe(60);
  });

  it("are heard during a silence", () => {
    const silence: Silence = {
      id: "s",
      kind: "maintenance",
      nodeId: null,
      cameraId: null,
      code: "FIR.SMOKE",
      gridPrefix: null,
      from: T0 - MINUTE,
      until: T0 + 60 * MINUTE,
      lifeSafety: true,
    };
    const state = new CorrelationState();
    const context = correlationContext({ newId: () => "one", silences: [silence] });
    const [opened] = correlate(state, [told({ minute: 1 })], context);
    expect(opened).toMatchObject({ kind: "open", attention: "full" });
  });
});
