/** Sightings around one place, with whatever a test wants to be different. */
import {
  correlate,
  correlationContext,
  type CorrelationCommand,
  type CorrelationContext,
  CorrelationState,
  type Sighting,
  sightingOf,
} from "../../../brain/correlate/index.ts";
import type { IncidentEvent, Phase } from "../../../protocol/index.ts";

export const T0 = Date.UTC(2026, 4, 4, 10);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

export interface SightingOptions {
  readonly camera?: string;
  readonly node?: string;
  readonly alarm?: string;
  readonly code?: string;
  readonly phase?: Phase;
  /** Seconds after T0: when it began and when it was seen. */
  readonly at?: number;
  readonly seen?: number;
  /** Metres east of the place. */
  readonly east?: number;
  readonly accuracyM?: number;
  readonly acceptedAt?: number;
  readonly skewMs?: number | null;
  readonly grid?: string;
  readonly keys?: readonly string[];
  readonly exercise?: Sighting["exercise"];
}

let counter = 0;
const METRES_PER_DEGREE = 111_320 * Math.cos((39.8 * Math.PI) / 180);

export function sight(options: SightingOptions = {}): Sighting {
  counter += 1;
  const at = T0 + (options.at ?? 0) * SECOND;
  const seen = T0 + (options.seen ?? options.at ?? 0) * SECOND;
  const location = {
    lat: 39.8,
    lon: 116.5 + (options.east ?? 0) / METRES_PER_DEGREE,
    crs: "WGS84",
    accuracyM: options.accuracyM ?? 5,
    ...(options.grid === undefined ? {} : { gridCode: options.grid }),
  } as IncidentEvent["data"]["location"];
  return sightingOf(
    {
      id: `event-${counter}`,
      nodeId: options.node ?? "n",
      cameraId: options.camera ?? "c1",
      alarmId: options.alarm ?? `alarm-${counter}`,
      phase: options.phase ?? "new",
      sequence: String(counter).padStart(12, "0"),
      code: options.code ?? "SEC.FIGHT",
      acceptedAt: options.acceptedAt ?? seen + 500,
      data: {
        onset: new Date(at).toISOString(),
        capture: { at: new Date(seen).toISOString(), clock: "stream" },
        location,
        exercise: options.exercise ?? "actual",
      },
      entityKeys: options.keys ?? [],
    },
    options.skewMs === undefined ? 0 : options.skewMs,
  );
}

export interface Run {
  readonly state: CorrelationState;
  readonly commands: readonly CorrelationCommand[];
  /** What the commands say, in short. */
  readonly kinds: readonly string[];
}

export function runAll(
  sightings: readonly Sighting[],
  context: Partial<CorrelationContext> = {},
  state = new CorrelationState(),
): Run {
  let next = 0;
  const commands = correlate(
    state,
    sightings,
    correlationContext({ newId: () => `i${(next += 1)}`, ...context }),
  );
  return { state, commands, kinds: commands.map(({ kind }) => kind) };
}

/** Which alarms are together, as sorted groups of alarm ids. */
export function groupsOf({ state }: Run): string[][] {
  return [...state.incidents()]
    .map(({ alarms }) => [...alarms].map(({ view }) => view.alarmId).sort())
    .sort((a, b) => (a.join() < b.join() ? -1 : 1));
}
