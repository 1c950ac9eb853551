/** Who may look at a picture: whoever sees its case, or a department with a task on it. */
import type { FastifyRequest } from "fastify";
import type { Kysely } from "kysely";
import {
  auditName,
  caseIdSchema,
  type Clock,
  PermanentError,
  SENDER_HEADER,
} from "../../protocol/index.ts";
import { inScope, isEverything, type Schema } from "../store/index.ts";
import { CASE_PURPOSE, readPurpose, requirePurpose } from "./purpose.ts";

export interface EvidenceReaderInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly checkEndpoint: (
    headers: FastifyRequest["headers"],
    body: string,
  ) => { readonly id: string; readonly department: string };
}

/** For the audit. */
export interface EvidenceReader {
  readonly actor: string;
  readonly purpose: string;
}

/** A department signs the hash; everybody else was let in by the door. */
export function createEvidenceReader(
  input: EvidenceReaderInput,
): (request: FastifyRequest, sha256: string) => Promise<EvidenceReader> {
  return (request, sha256) =>
    request.headers[SENDER_HEADER] === undefined
      ? readAsViewer(input, request, sha256)
      : readAsEndpoint(input, request, sha256);
}

async function readAsViewer(
  input: EvidenceReaderInput,
  request: FastifyRequest,
  sha256: string,
): Promise<EvidenceReader> {
  const { db } = input;
  const { viewer } = request;
  const named = (request.query as { readonly case?: unknown }).case;
  const caseId = named === undefined ? undefined : caseIdSchema.safeParse(named);
  const cases = await casesWith(db, sha256)
    .select("case_file.id")
    .where((eb) => inScope(eb, viewer))
    .execute();
  const inCase = caseId?.success === true && cases.some(({ id }) => id === caseId.data);
  const purposes = await purposesFor(db, sha256);
  // What somebody may not see is not there; a case that the picture is none of, neither.
  const isHidden = cases.length === 0 && !isEverything(viewer);
  if (purposes === undefined || isHidden || (caseId !== undefined && !inCase)) {
    throw new PermanentError("EVIDENCE_UNKNOWN", "The picture is not here", {
      where: sha256,
      expected: "a picture that its node has delivered, of a case that you see",
    });
  }
  const purpose = await requirePurpose(input, request, {
    ...{ purpose: readPurpose(request), hasCase: inCase, purposes },
    ...{ subject: `evidence:${sha256}`, action: "evidence.view" },
  });
  return { actor: auditName(viewer), purpose };
}

function casesWith(db: Kysely<Schema>, sha256: string) {
  return db
    .selectFrom("case_file")
    .where((eb) =>
      eb.or([
        eb(
          "case_file.incident_id",
          "in",
          eb
            .selectFrom("incident_event")
            .innerJoin("evidence_ref", "evidence_ref.event_id", "incident_event.event_id")
            .select("incident_event.incident_id")
            .where("evidence_ref.sha256", "=", sha256),
        ),
        eb(
          "case_file.id",
          "in",
          eb.selectFrom("case_evidence").select("case_id").where("sha256", "=", sha256),
        ),
      ]),
    );
}

/** Of the cameras that took it, none for a person's; undefined for a picture that has not come. */
async function purposesFor(
  db: Kysely<Schema>,
  sha256: string,
): Promise<readonly string[] | undefined> {
  const rows = await db
    .selectFrom("evidence")
    .leftJoin("evidence_ref", "evidence_ref.sha256", "evidence.sha256")
    .leftJoin("event", "event.id", "evidence_ref.event_id")
    .leftJoin("camera", (join) =>
      join.onRef("camera.node_id", "=", "event.node_id").onRef("camera.id", "=", "event.camera_id"),
    )
    .select("camera.purposes")
    .where("evidence.sha256", "=", sha256)
    .where("evidence.state", "!=", "announced")
    .execute();
  return rows.length === 0 ? undefined : [...new Set(rows.flatMap((row) => row.purposes ?? []))];
}

async function readAsEndpoint(
  { db, checkEndpoint }: EvidenceReaderInput,
  request: FastifyRequest,
  sha256: string,
): Promise<EvidenceReader> {
  const endpoint = checkEndpoint(request.headers, sha256);
  const task = await casesWith(db, sha256)
    .innerJoin("task", "task.case_id", "case_file.id")
    .leftJoin("delivery", "delivery.task_id", "task.id")
    .select("task.id")
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
  return { actor: `department:${endpoint.department}`, purpose: CASE_PURPOSE };
}
