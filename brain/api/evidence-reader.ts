/** Who may look at a picture: the control room, or a department with a task on its case. */
import type { FastifyRequest } from "fastify";
import type { Kysely } from "kysely";
import { PermanentError, SENDER_HEADER } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { requireOperator } from "./access-guard.ts";
import type { OperatorSessions } from "./operator-session.ts";

export interface EvidenceReaderInput {
  readonly db: Kysely<Schema>;
  readonly sessions: OperatorSessions;
  readonly checkEndpoint: (
    headers: FastifyRequest["headers"],
    body: string,
  ) => { readonly id: string; readonly department: string };
}

/** Gives the reader's name for the access log. A department signs the hash. */
export function createEvidenceReader(
  input: EvidenceReaderInput,
): (request: FastifyRequest, sha256: string) => Promise<string> {
  return async (request, sha256) => {
    if (request.headers[SENDER_HEADER] === undefined) {
      requireOperator(request, input.sessions);
      return "operator";
    }
    const endpoint = input.checkEndpoint(request.headers, sha256);
    const task = await input.db
      .selectFrom("evidence_ref")
      .innerJoin("incident_event", "incident_event.event_id", "evidence_ref.event_id")
      .innerJoin("case_file", "case_file.incident_id", "incident_event.incident_id")
      .innerJoin("task", "task.case_id", "case_file.id")
      .leftJoin("delivery", "delivery.task_id", "task.id")
      .select("task.id")
      .where("evidence_ref.sha256", "=", sha256)
      .where((eb) =>
        eb.or([
          eb("task.department", "=", endpoint.department),
          eb("delivery.endpoint_id", "=", endpoint.id),
        ]),
      )
      .limit(1)
      .executeTakeFirst();
    if (task === undefined) {
      throw new PermanentError("TASK_NOT_YOURS", "The picture belongs to no task of yours", {
        where: sha256,
        expected: "a picture of a case with a task of this department",
      });
    }
    return `department:${endpoint.department}`;
  };
}
