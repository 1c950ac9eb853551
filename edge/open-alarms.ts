/**
 * Alarms that have begun and not ended, kept over a crash. A node that dies while someone stands in
 * a zone would otherwise announce the same intrusion a second time when it is back. The file is
 * written before the event is stored: if the node dies between the two, the first event after the
 * restart is an `update`, and the brain opens the incident from it.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { z } from "zod";
import { alarmIdSchema, type AlarmId, type EpochMs } from "../protocol/index.ts";

const openAlarmSchema = z.object({
  camera: z.string(),
  rule: z.string(),
  alarmId: alarmIdSchema,
  onset: z.number(),
  lastSeen: z.number(),
});
export type OpenAlarm = z.infer<typeof openAlarmSchema>;

const fileSchema = z.object({ alarms: z.array(openAlarmSchema) });

export class OpenAlarms {
  readonly #file: string;
  readonly #alarms = new Map<AlarmId, OpenAlarm>();

  /** An unreadable file is as good as none: the worst that follows is a repeated announcement. */
  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true });
    this.#file = path.join(dataDir, "open-alarms.json");
    for (const alarm of read(this.#file)) {
      this.#alarms.set(alarm.alarmId, alarm);
    }
  }

  /** What was open when the node went down. */
  of(camera: string): readonly OpenAlarm[] {
    return [...this.#alarms.values()].filter((alarm) => alarm.camera === camera);
  }

  opened(alarm: OpenAlarm): void {
    this.#alarms.set(alarm.alarmId, alarm);
    this.#save();
  }

  seen(alarmId: AlarmId, at: EpochMs): void {
    const alarm = this.#alarms.get(alarmId);
    if (alarm !== undefined) {
      this.#alarms.set(alarmId, { ...alarm, lastSeen: at });
      this.#save();
    }
  }

  closed(alarmId: AlarmId): void {
    if (this.#alarms.delete(alarmId)) {
      this.#save();
    }
  }

  #save(): void {
    const temporary = `${this.#file}.part`;
    const descriptor = openSync(temporary, "w", 0o600);
    try {
      writeSync(descriptor, JSON.stringify({ alarms: [...this.#alarms.values()] }));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, this.#file);
  }
}

function read(file: string): readonly OpenAlarm[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, "utf8"))).alarms;
  } catch {
    return [];
  }
}
