/** What a case shows of the work done, and whether it is held: rows of `*-evidence.sql`. */
import type { Kysely } from "kysely";
import { caseHoldSchema, type CaseDetail, formatTime } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";

type Shown = Pick<CaseDetail, "afterPictures" | "hold">;

export async function readKept(db: Kysely<Schema>, caseId: string): Promise<Shown> {
  const [pictures, hold] = await Promise.all([
    db
      .selectFrom("case_evidence")
      .innerJoin("evidence", "evidence.sha256", "case_evidence.sha256")
      .selectAll("case_evidence")
      .select(["evidence.state", "evidence.gone_at"])
      .where("case_id", "=", caseId)
      .orderBy("added_at")
      .orderBy("case_evidence.sha256")
      .execute(),
    db.selectFrom("case_hold").selectAll().where("case_id", "=", caseId).executeTakeFirst(),
  ]);
  return {
    // What the database holds was checked when it came in; the brands are given back here.
    afterPictures: pictures.map((row) => ({
      sha256: row.sha256,
      url: `/v1/evidence/${row.sha256}?case=${caseId}`,
      actor: row.actor,
      width: row.width,
      height: row.height,
      takenAt: formatTime(row.taken_at.getTime()),
      addedAt: formatTime(row.added_at.getTime()),
      round: row.round,
      place: row.place,
      state: row.state,
      goneAt: row.gone_at === null ? null : formatTime(row.gone_at.getTime()),
    })) as Shown["afterPictures"],
    hold:
      hold === undefined
        ? null
        : caseHoldSchema.parse({
            reason: hold.reason,
            placedBy: hold.placed_by,
            placedAt: formatTime(hold.placed_at.getTime()),
            until: formatTime(hold.until.getTime()),
          }),
  };
}
