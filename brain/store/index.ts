/** The brain's database: opening, schema, transactions, notifications. */
export {
  ALL_CASES,
  type CaseScope,
  inScope,
  isEverything,
  requireCaseInScope,
} from "./case-scope.ts";
export * from "./casework/index.ts";
export { type Database, type OpenDatabaseOptions, openDatabase } from "./database.ts";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "./embedded-postgres.ts";
export { armFailpoints, type Failpoint, reach } from "./failpoint.ts";
export { createGroupWriter, type GroupWriter, type GroupWriterOptions } from "./group-writer.ts";
export {
  appendTimeline,
  lockCases,
  publishCases,
  STREAM_CHANNEL,
  type TimelineEntry,
} from "./journal.ts";
export type { OnNotify } from "./listener.ts";
export { type Log, silentLog } from "./log.ts";
export { MIGRATIONS_DIR, type MigrateOptions, migrate } from "./migrate.ts";
export type * from "./schema.ts";
export type { FileEntry, OldSecret } from "./schema/administration.ts";
export { createPace, type Pace } from "./pace.ts";
export type { AuditFacts, AuditTable } from "./schema/audit.ts";
export type { EvidenceState } from "./schema/evidence.ts";
export {
  atOnce,
  isConnectionLoss,
  sqlState,
  type TransactionOptions,
  transaction,
} from "./transaction.ts";
