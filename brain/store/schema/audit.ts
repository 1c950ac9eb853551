/** Tables of `migrations/*-audit.sql`. */
export interface AuditSchema {}
