import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendAudit, createSealer, verifyAudit } from "../../../brain/audit/index.ts";
import { type Schema, silentLog } from "../../../brain/store/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";

describe("the audit", () => {
  let postgres: TestPostgres;
  let pool: pg.Pool;
  let db: Kysely<Schema>;

  beforeAll(async () => {
    postgres = await startTestPostgres({ migrated: true });
    pool = new pg.Pool({ connectionString: postgres.connectionString, max: 4 });
    // The database is dropped under connections that are just being closed.
    pool.on("connect", (client) => client.on("error", () => undefined));
    pg.types.setTypeParser(pg.types.builtins.INT8, Number);
    db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    await fill(50);
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await postgres[Symbol.asyncDispose]();
  });

  async function fill(count: number): Promise<void> {
    const entries = Array.from({ length: count }, (_, index) => ({
      at: 1_700_000_000_000 + index,
      actor: "operator",
      action: "case.view",
      subject: `case:${index}`,
      facts: { index, text: `"${index}\\` },
    }));
    // Several writers at once, as replicas are.
    await Promise.all(
      [0, 1, 2, 3].map((part) =>
        appendAudit(
          db,
          entries.filter((_, index) => index % 4 === part),
        ),
      ),
    );
    await sealer().seal();
  }

  const sealer = () => createSealer({ db, clock: systemClock, log: silentLog });

  /** As somebody would who owns the database and wants no trace. */
  async function tamper(statement: string): Promise<void> {
    await pool.query("alter table audit disable trigger all");
    await pool.query("alter table audit_seal disable trigger all");
    await pool.query(statement);
    await pool.query("alter table audit enable trigger all");
    await pool.query("alter table audit_seal enable trigger all");
  }

  it("is whole while nobody touches it, and proves an earlier head", async () => {
    const report = await verifyAudit(db);
    expect(report).toMatchObject({ ok: true, rows: 50, waiting: 0, findings: [] });
    await fill(5);
    expect(await verifyAudit(db, report.head)).toMatchObject({ ok: true, rows: 55 });
  });

  it("refuses changes through the program's own connection", async () => {
    for (const statement of [
      "update audit set actor = 'nobody'",
      "delete from audit",
      "truncate audit cascade",
      "update audit_seal set hash = ''",
      "delete from audit_seal",
    ]) {
      await expect(pool.query(statement), statement).rejects.toThrow(/only ever added/);
    }
  });

  it("is sealed once although several seal at the same time", async () => {
    const before = await verifyAudit(db);
    await Promise.all([fill(20), fill(20), sealer().seal(), sealer().seal()]);
    expect(await verifyAudit(db)).toMatchObject({ ok: true, rows: before.rows + 40, waiting: 0 });
  });

  it.each([
    ["an edited row", "update audit set actor = 'nobody' where id = (TARGET)", "row-changed"],
    [
      "a removed row with its seal",
      "with s as (delete from audit_seal where audit_id = (TARGET) returning audit_id) delete from audit where id in (select audit_id from s)",
      "seal-missing",
    ],
    [
      "a row put in",
      `insert into audit (id, at, actor, action, subject, outcome, facts)
       values (gen_random_uuid(), now(), 'operator', 'case.view', 'case:0', 'done', '{}')`,
      "unsealed-row",
    ],
  ])("shows %s", async (_what, statement, problem) => {
    const target = "select audit_id from audit_seal where number = 7";
    await tamper(statement.replaceAll("TARGET", target));
    const { ok, findings } = await verifyAudit(db);
    expect(ok).toBe(false);
    expect(findings.map((finding) => finding.problem)).toContain(problem);
  });

  it("shows a tail that was cut off, to who noted the head", async () => {
    const { head } = await verifyAudit(db);
    await tamper(`delete from audit_seal where number = ${head.number}`);
    const { findings } = await verifyAudit(db, head);
    expect(findings).toContainEqual({ number: head.number, problem: "head-differs" });
  });
});
