/**
 * An alarm as far as its events have told. It only ever grows: its time becomes longer and its
 * places more, so that links are only ever added and the order of arrival does not matter.
 */
import type { EpochMs, Phase } from "../../protocol/index.ts";
import type { Place } from "./place.ts";
import { cameraKey, type Sighting } from "./sighting.ts";

export interface AlarmView {
  readonly key: string;
  readonly nodeId: string;
  readonly cameraId: string;
  readonly alarmId: string;
  /** `node/camera`. */
  readonly camera: string;
  readonly code: string;
  readonly exercise: Sighting["exercise"];
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly slackMs: number;
  readonly places: readonly Place[];
  readonly gridCode: string | null;
  readonly entityKeys: readonly string[];
  /** Of the event with the highest sequence. */
  readonly phase: Phase;
  readonly sequence: string;
}

/** Places kept of one alarm; a moving cause shows several, and more tell nothing new. */
const MAX_PLACES = 8;

export function viewOf(sighting: Sighting): AlarmView {
  return {
    key: sighting.key,
    nodeId: sighting.nodeId,
    cameraId: sighting.cameraId,
    alarmId: sighting.alarmId,
    camera: cameraKey(sighting),
    code: sighting.code,
    exercise: sighting.exercise,
    start: sighting.start,
    end: sighting.end,
    slackMs: sighting.slackMs,
    places: [sighting.place],
    gridCode: sighting.gridCode,
    entityKeys: sighting.entityKeys,
    phase: sighting.phase,
    sequence: sighting.sequence,
  };
}

/** The same object where the sighting adds nothing that could make a new link. */
export function grow(alarm: AlarmView, sighting: Sighting): AlarmView {
  const { place, sequence } = sighting;
  const start = Math.min(alarm.start, sighting.start);
  const end = Math.max(alarm.end, sighting.end);
  const places = addPlace(alarm.places, place);
  const entityKeys = addKeys(alarm.entityKeys, sighting.entityKeys);
  const isNewest = sequence > alarm.sequence;
  const isSame =
    start === alarm.start &&
    end === alarm.end &&
    places === alarm.places &&
    entityKeys === alarm.entityKeys &&
    !isNewest;
  if (isSame) {
    return alarm;
  }
  // Field by field: this is the hot path, and a spread costs four times as much.
  return {
    key: alarm.key,
    nodeId: alarm.nodeId,
    cameraId: alarm.cameraId,
    alarmId: alarm.alarmId,
    camera: alarm.camera,
    code: alarm.code,
    exercise: alarm.exercise,
    start,
    end,
    slackMs: Math.max(alarm.slackMs, sighting.slackMs),
    places,
    gridCode: alarm.gridCode,
    entityKeys,
    phase: isNewest ? sighting.phase : alarm.phase,
    sequence: isNewest ? sequence : alarm.sequence,
  };
}

function addPlace(places: readonly Place[], place: Place): readonly Place[] {
  if (places.length >= MAX_PLACES) {
    return places;
  }
  for (const { x, y } of places) {
    if (x === place.x && y === place.y) {
      return places;
    }
  }
  return [...places, place];
}

function addKeys(keys: readonly string[], added: readonly string[]): readonly string[] {
  const fresh = added.length === 0 ? added : added.filter((key) => !keys.includes(key));
  return fresh.length === 0 ? keys : [...keys, ...fresh];
}

export function isActive({ phase }: Pick<AlarmView, "phase">): boolean {
  return phase === "new" || phase === "update";
}
