/** The reporter's word on the handling: once, within seven days after the case was closed. */
import {
  type CaseState,
  formatTime,
  PermanentError,
  type RatingRequest,
  type ReportState,
} from "../../protocol/index.ts";
import type { ReporterOrder, ReportsInput } from "./ports.ts";
import { findReport, type FoundReport, rateUntil, stateOf } from "./report-state.ts";

/**
 * Kept with the report, and given to the case: the first rating evaluates it, and `reopen` takes
 * it up again.
 *
 * @throws PermanentError NOT_FOUND or STATE_CONFLICT
 */
export async function rateReport(
  input: ReportsInput,
  code: string,
  rating: RatingRequest,
  address: string,
): Promise<ReportState> {
  const { db, clock } = input;
  const report = await findReport(db, code);
  const now = clock.now();
  const found = requireOpen(report, now);
  const { numUpdatedRows } = await db
    .updateTable("report")
    .set({ stars: rating.stars, comment: rating.comment ?? null, rated_at: new Date(now) })
    .where("id", "=", report.id)
    .where("stars", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) {
    throw ratedAlready();
  }
  const order = { caseId: found.id, reportId: report.id, address };
  if (found.state === "CLOSED") {
    await tell(input, { ...order, command: evaluation(rating) });
  }
  if (rating.reopen && rating.comment !== undefined) {
    await tell(input, { ...order, command: { kind: "reopen", reason: rating.comment } });
  }
  return stateOf(await findReport(db, code), now);
}

function requireOpen(
  report: FoundReport,
  now: number,
): { readonly id: string; readonly state: CaseState } {
  if (report.rating !== null) {
    throw ratedAlready();
  }
  const until = rateUntil(report);
  if (report.case === null || until === null || until <= now) {
    throw new PermanentError("STATE_CONFLICT", "The handling cannot be rated now", {
      where: "rating",
      expected: "a closed case, at most seven days after it was closed",
      got: until === null ? "a case that is not closed" : `an end on ${formatTime(until)}`,
    });
  }
  return report.case;
}

function ratedAlready(): PermanentError {
  return new PermanentError("STATE_CONFLICT", "The handling has been rated already", {
    where: "rating",
    expected: "one rating for a report",
  });
}

function evaluation({ stars, comment, reopen }: RatingRequest): ReporterOrder["command"] {
  return {
    kind: "evaluate",
    responded: true,
    solved: !reopen && stars >= 3,
    satisfaction: stars,
    ...(comment === undefined ? {} : { note: comment }),
  };
}

/** Another reporter's rating, or the end of the seven days, may have come in between. */
async function tell(input: ReportsInput, order: ReporterOrder): Promise<void> {
  try {
    await input.command(order);
  } catch (error) {
    const isOvertaken = error instanceof PermanentError && error.code === "STATE_CONFLICT";
    if (!isOvertaken || order.command.kind === "reopen") {
      throw error;
    }
  }
}
