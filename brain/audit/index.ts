/** The audit: who did, saw or decided what, in a chain that shows every later change. */
export { appendAudit, type AuditEntry } from "./append.ts";
export { CHAIN_START, chainHash, type ChainedRow } from "./chain.ts";
export { createSealer, type Sealer } from "./sealer.ts";
export { type AuditFinding, type AuditReport, verifyAudit } from "./verify.ts";
