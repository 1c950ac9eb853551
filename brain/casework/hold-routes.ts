/** `/v1/cases/{id}/hold`: a case that a court or an inquiry may ask for is kept from retention. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { sql, type Transaction } from "kysely";
import { z } from "zod";
import {
  auditName,
  type CaseHold,
  caseHoldSchema,
  caseIdSchema,
  formatTime,
  MAX_HOLD_MS,
  parseTime,
  PermanentError,
  type PlaceHold,
  placeHoldSchema,
  problemSchema,
  releaseHoldSchema,
} from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import {
  lockCases,
  publishCases,
  requireCaseInScope,
  type Schema,
  transaction,
} from "../store/index.ts";
import type { CaseworkInput } from "./deps.ts";
import { endHold } from "./end-hold.ts";

const paramsSchema = z.object({ id: caseIdSchema });
const releasedSchema = z.object({ released: z.boolean() });

export function holdRoutes(input: CaseworkInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "PUT",
      url: "/v1/cases/:id/hold",
      schema: {
        summary: "Keep a case from retention",
        description:
          "Until a day, three years ahead at most. Another hold takes its place. Closing the case " +
          "ends it; a closed case may be held anew.",
        tags: ["console"],
        params: paramsSchema,
        body: placeHoldSchema,
        response: { 200: caseHoldSchema, default: problemSchema },
      },
      config: { permission: "evidence.hold" },
      handler: (request) => place(input, request),
    });
    app.route({
      method: "POST",
      url: "/v1/cases/:id/hold/release",
      schema: {
        summary: "End the hold of a case",
        description: "What is past its time is deleted at the next run. `released`: there was one.",
        tags: ["console"],
        params: paramsSchema,
        body: releaseHoldSchema,
        response: { 200: releasedSchema, default: problemSchema },
      },
      config: { permission: "evidence.hold" },
      handler: (request) => release(input, request),
    });
  };
}

async function place(input: CaseworkInput, request: FastifyRequest): Promise<CaseHold> {
  const { reason, until } = request.body as PlaceHold;
  const now = input.clock.now();
  const end = parseTime(until);
  if (!(end > now && end <= now + MAX_HOLD_MS)) {
    throw new PermanentError("COMMAND_REFUSED", "The hold ends at no possible time", {
      where: "until",
      expected: `a time until ${formatTime(now + MAX_HOLD_MS)}`,
      got: until,
    });
  }
  const placedBy = auditName(request.viewer);
  const hold = { reason, placed_by: placedBy, placed_at: new Date(now), until: new Date(end) };
  await change(input, request, { command: "place", reason, until }, async (tx, caseId) => {
    await tx
      .insertInto("case_hold")
      .values({ case_id: caseId, ...hold })
      .onConflict((conflict) => conflict.column("case_id").doUpdateSet(hold))
      .execute();
    return true;
  });
  return { reason, placedBy, placedAt: formatTime(now), until: formatTime(end) };
}

async function release(
  input: CaseworkInput,
  request: FastifyRequest,
): Promise<z.infer<typeof releasedSchema>> {
  const { reason } = request.body as z.infer<typeof releaseHoldSchema>;
  const released = await change(input, request, { command: "release", reason }, endHold);
  return { released };
}

/** A changed hold raises the case's version, so that open pages show it. */
async function change(
  { db, clock }: CaseworkInput,
  request: FastifyRequest,
  facts: Readonly<Record<string, string>>,
  work: (tx: Transaction<Schema>, caseId: string) => Promise<boolean>,
): Promise<boolean> {
  const { id } = request.params as z.infer<typeof paramsSchema>;
  const { viewer } = request;
  await requireCaseInScope(db, id, viewer);
  const at = clock.now();
  return transaction(
    db,
    async (tx) => {
      await lockCases(tx);
      if (!(await work(tx, id))) {
        return false;
      }
      await tx
        .updateTable("case_file")
        .set({ version: sql`version + 1` })
        .where("id", "=", id)
        .execute();
      await publishCases(tx, [id], at);
      const subject = { action: "case.hold", subject: `case:${id}`, address: request.ip };
      await appendAudit(tx, [{ at, actor: auditName(viewer), ...subject, facts }]);
      return true;
    },
    { clock },
  );
}
