import { type CameraConfig, cameraSchema } from "../../../config/index.ts";
import type { IngestLog } from "../../../edge/ingest/index.ts";

export function camera(overrides: Readonly<Record<string, unknown>> = {}): CameraConfig {
  return cameraSchema.parse({
    id: "cam-1",
    name: "Gate",
    source: "rtsp://user:secret@camera.invalid/stream",
    location: { lat: 39.9, lon: 116.4, crs: "WGS84" },
    purpose: "test",
    rules: [],
    ...overrides,
  });
}

export interface LogEntry {
  readonly level: keyof IngestLog;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps what it is told. */
export function recordingLog(): { readonly entries: LogEntry[]; readonly log: IngestLog } {
  const entries: LogEntry[] = [];
  const at =
    (level: keyof IngestLog) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      entries.push({ level, message, fields });
    };
  return { entries, log: { info: at("info"), warn: at("warn"), error: at("error") } };
}
