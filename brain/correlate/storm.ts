/**
 * Storm protection: a camera may begin so many incidents in a minute; whatever it would begin
 * beyond joins one storm incident and is counted there. Minutes are those of the events, so that a
 * flood that was held back is judged like one that was not.
 */
import type { EpochMs } from "../../protocol/index.ts";
import { cameraKey, type Sighting } from "./sighting.ts";

export const STORM_SLOT_MS = 60_000;

export interface StormSlot {
  readonly camera: string;
  /** Start of the minute. */
  readonly minute: EpochMs;
  /** Incidents that the camera began in it. */
  opened: number;
  /** Alarms that joined the storm instead. */
  suppressed: number;
  incidentId: string | null;
  touchedAt: EpochMs;
}

export function stormMinute(sighting: Sighting): EpochMs {
  return Math.floor(sighting.start / STORM_SLOT_MS) * STORM_SLOT_MS;
}

export function stormKey(camera: string, minute: EpochMs): string {
  return `${camera}@${minute}`;
}

export class StormSlots {
  readonly #slots = new Map<string, StormSlot>();

  load(slot: StormSlot): void {
    this.#slots.set(stormKey(slot.camera, slot.minute), slot);
  }

  slotOf(sighting: Sighting): StormSlot {
    const camera = cameraKey(sighting);
    const minute = stormMinute(sighting);
    const key = stormKey(camera, minute);
    const slot = this.#slots.get(key) ?? {
      camera,
      minute,
      opened: 0,
      suppressed: 0,
      incidentId: null,
      touchedAt: 0,
    };
    // Set again: the map's order is the order of last use.
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    slot.touchedAt = Math.max(slot.touchedAt, sighting.acceptedAt);
    return slot;
  }

  peek(sighting: Sighting): StormSlot | undefined {
    return this.#slots.get(stormKey(cameraKey(sighting), stormMinute(sighting)));
  }

  /** A storm goes on through the minutes beside it. */
  stormOf(sighting: Sighting): string | undefined {
    const camera = cameraKey(sighting);
    const minute = stormMinute(sighting);
    for (const at of [minute, minute - STORM_SLOT_MS, minute + STORM_SLOT_MS]) {
      const incidentId = this.#slots.get(stormKey(camera, at))?.incidentId;
      if (incidentId !== null && incidentId !== undefined) {
        return incidentId;
      }
    }
    return undefined;
  }

  forget(before: EpochMs): void {
    for (const [key, { touchedAt }] of this.#slots) {
      if (touchedAt >= before) {
        return;
      }
      this.#slots.delete(key);
    }
  }

  get size(): number {
    return this.#slots.size;
  }
}
