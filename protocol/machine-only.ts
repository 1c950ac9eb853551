/** A camera tells of itself, and dwelling in a zone is measured: neither is for people to report. */
const MACHINE_ONLY = /^(DEV\.|SEC\.LOITER$)/;

/** Apart from the schemas, so that the reporters' page need not carry them. */
export function isMachineOnly(eventType: string): boolean {
  return MACHINE_ONLY.test(eventType);
}
