import type { UplinkLog } from "../../../edge/uplink/index.ts";

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

/** Keeps what was logged. */
export class LogBook implements UplinkLog {
  readonly lines: LogLine[] = [];

  info(fields: object, message: string): void {
    this.#add("info", fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add("warn", fields, message);
  }

  error(fields: object, message: string): void {
    this.#add("error", fields, message);
  }

  /** Codes of the lines about the link, `up` for a brain that answers. */
  linkChanges(what: string): unknown[] {
    return this.lines
      .filter(({ fields }) => fields["what"] === what)
      .map(({ fields }) => fields["code"] ?? "up");
  }

  #add(level: LogLine["level"], fields: object, message: string): void {
    this.lines.push({ level, fields: { ...fields }, message });
  }
}
