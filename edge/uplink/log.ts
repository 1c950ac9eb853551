/** The part of a structured logger that this stage needs; pino's loggers fit. */
export interface UplinkLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
