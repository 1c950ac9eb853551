/** Finds every edit, removal and insertion in the sealed part of the audit. */
import type { Kysely } from "kysely";
import type { Schema } from "../store/index.ts";
import { CHAIN_START, chainHash } from "./chain.ts";
import { chained } from "./rows.ts";

export interface AuditFinding {
  /** Of the seal at which it shows. */
  readonly number: number;
  readonly problem:
    | "row-changed"
    | "row-missing"
    | "seal-missing"
    | "head-differs"
    | "unsealed-row";
  readonly auditId?: string;
}

export interface AuditReport {
  readonly ok: boolean;
  readonly rows: number;
  /** Number and hash of the last seal: noted elsewhere, it proves later that nothing was cut off. */
  readonly head: { readonly number: number; readonly hash: string };
  /** Rows written and not sealed yet; normal for about a second. */
  readonly waiting: number;
  /** The first ones. */
  readonly findings: readonly AuditFinding[];
}

export interface ExpectedHead {
  readonly number: number;
  readonly hash: string;
}

const BATCH = 2_000;
const MAX_FINDINGS = 100;

/** Reads the whole chain. @param expected a head noted earlier, which must still be in the chain. */
export async function verifyAudit(
  db: Kysely<Schema>,
  expected?: ExpectedHead,
): Promise<AuditReport> {
  const findings: AuditFinding[] = [];
  let head = { number: 0, hash: CHAIN_START };
  let sawExpected = expected === undefined;
  for (;;) {
    const seals = await readSeals(db, head.number);
    if (seals.length === 0) {
      break;
    }
    for (const seal of seals) {
      if (seal.number !== head.number + 1) {
        findings.push({ number: head.number + 1, problem: "seal-missing" });
      }
      const { audit } = seal;
      if (audit === undefined) {
        findings.push({ number: seal.number, problem: "row-missing", auditId: seal.auditId });
      } else if (chainHash(head.hash, chained(seal.number, audit)) !== seal.hash) {
        findings.push({ number: seal.number, problem: "row-changed", auditId: seal.auditId });
      }
      head = { number: seal.number, hash: seal.hash };
      sawExpected ||= expected?.number === seal.number && expected.hash === seal.hash;
    }
  }
  if (!sawExpected && expected !== undefined) {
    findings.push({ number: expected.number, problem: "head-differs" });
  }
  const { waiting, loose } = await countLoose(db);
  if (loose > 0) {
    findings.push({ number: head.number, problem: "unsealed-row" });
  }
  return {
    ok: findings.length === 0,
    rows: head.number,
    head,
    waiting,
    findings: findings.slice(0, MAX_FINDINGS),
  };
}

async function readSeals(db: Kysely<Schema>, after: number) {
  const seals = await db
    .selectFrom("audit_seal")
    .selectAll()
    .where("number", ">", after)
    .orderBy("number")
    .limit(BATCH)
    .execute();
  const ids = seals.map((seal) => seal.audit_id);
  const rows =
    ids.length === 0
      ? []
      : await db.selectFrom("audit").selectAll().where("id", "in", ids).execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return seals.map(({ number, hash, audit_id: auditId }) => ({
    number,
    hash,
    auditId,
    audit: byId.get(auditId),
  }));
}

/** Rows that neither have a seal nor wait for one were put in behind the program's back. */
async function countLoose(
  db: Kysely<Schema>,
): Promise<{ readonly waiting: number; readonly loose: number }> {
  const { waiting } = await db
    .selectFrom("audit_unsealed")
    .select((eb) => eb.fn.countAll<number>().as("waiting"))
    .executeTakeFirstOrThrow();
  const { loose } = await db
    .selectFrom("audit")
    .leftJoin("audit_seal", "audit_seal.audit_id", "audit.id")
    .leftJoin("audit_unsealed", "audit_unsealed.audit_id", "audit.id")
    .where("audit_seal.number", "is", null)
    .where("audit_unsealed.position", "is", null)
    .select((eb) => eb.fn.countAll<number>().as("loose"))
    .executeTakeFirstOrThrow();
  return { waiting, loose };
}
