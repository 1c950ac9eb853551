import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Schema, shareCommits } from "../../../brain/store/index.ts";
import { PermanentError, systemClock } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";

describe("changes of cases that come together", () => {
  let postgres: TestPostgres;
  let db: Kysely<Schema>;

  beforeAll(async () => {
    postgres = await startTestPostgres({ migrated: true });
    const pool = new pg.Pool({ connectionString: postgres.connectionString, max: 4 });
    db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  });

  afterAll(async () => {
    await db.destroy();
    await postgres.close();
  });

  const countDay = async (tx: Transaction<Schema>, day: string): Promise<string> => {
    await tx.insertInto("case_day").values({ day, last: 1 }).execute();
    const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(tx);
    return rows[0]?.id ?? "";
  };
  const days = async (prefix: string): Promise<readonly string[]> => {
    const rows = await db
      .selectFrom("case_day")
      .select("day")
      .where("day", "like", `${prefix}%`)
      .orderBy("day")
      .execute();
    return rows.map(({ day }) => day);
  };

  it("share a transaction with all that came while the one before was under way", async () => {
    const commits = shareCommits({ db, clock: systemClock });
    const later: Promise<string>[] = [];
    const first = await commits.run((tx) => {
      later.push(...["a2", "a3", "a4"].map((day) => commits.run((own) => countDay(own, day))));
      return countDay(tx, "a1");
    });
    const ids = await Promise.all(later);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).not.toBe(first);
    expect(await days("a")).toEqual(["a1", "a2", "a3", "a4"]);
  });

  it("do not suffer for one that is refused, of which nothing is kept", async () => {
    const commits = shareCommits({ db, clock: systemClock });
    const refusal = new PermanentError("TASK_UNKNOWN", "There is no such task", { where: "b3" });
    const outcomes = await Promise.allSettled([
      commits.run((tx) => countDay(tx, "b1")),
      commits.run((tx) => countDay(tx, "b2")),
      commits.run(async (tx) => {
        await countDay(tx, "b3");
        throw refusal;
      }),
      commits.run((tx) => countDay(tx, "b4")),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(outcomes[2]).toMatchObject({ reason: refusal });
    expect(await days("b")).toEqual(["b1", "b2", "b4"]);
  });

  it("are told of nothing that was not committed", async () => {
    const commits = shareCommits({ db, clock: systemClock });
    const done = commits.run((tx) => countDay(tx, "c1"));
    const double = commits.run((tx) => countDay(tx, "c1"));
    await done;
    await expect(double).rejects.toMatchObject({ code: "23505" });
    expect(await days("c")).toEqual(["c1"]);
  });
});
