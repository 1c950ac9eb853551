/** Why somebody looks: evidence is seen for a case, or for a purpose that its camera serves. */
import type { FastifyRequest } from "fastify";
import type { Kysely } from "kysely";
import { auditName, type Clock, PermanentError } from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import type { Schema } from "../store/index.ts";

export const PURPOSE_HEADER = "x-sesb-purpose";
/** Of whoever works on the case that he names. */
export const CASE_PURPOSE = "case-handling";

/** Header before query; undefined where neither names one. */
export function readPurpose(request: FastifyRequest): string | undefined {
  const header = request.headers[PURPOSE_HEADER];
  const { purpose } = request.query as { readonly purpose?: unknown };
  const given = header ?? purpose;
  if (given === undefined || given === "") {
    return undefined;
  }
  if (typeof given !== "string" || !/^[a-z][a-z0-9-]{0,63}$/.test(given)) {
    throw new PermanentError("PURPOSE_REFUSED", "The purpose cannot be read", {
      where: header === undefined ? "purpose" : PURPOSE_HEADER,
      expected: `${CASE_PURPOSE}, or a purpose of the camera`,
    });
  }
  return given;
}

export interface Look {
  readonly purpose: string | undefined;
  /** A case is named. */
  readonly hasCase: boolean;
  /** Of the cameras whose evidence is asked for. */
  readonly purposes: readonly string[];
  /** `case:<id>` or `evidence:<hash>`. */
  readonly subject: string;
  readonly action: string;
}

/**
 * The purpose that the view is recorded under.
 *
 * @throws PermanentError PURPOSE_REFUSED, with a row in the audit.
 */
export async function requirePurpose(
  { db, clock }: { readonly db: Kysely<Schema>; readonly clock: Clock },
  request: FastifyRequest,
  look: Look,
): Promise<string> {
  const purpose = look.purpose ?? (look.hasCase ? CASE_PURPOSE : undefined);
  const isServed =
    purpose !== undefined &&
    (purpose === CASE_PURPOSE ? look.hasCase : look.purposes.includes(purpose));
  if (isServed) {
    return purpose;
  }
  await appendAudit(db, [
    {
      at: clock.now(),
      actor: auditName(request.viewer),
      action: look.action,
      subject: look.subject,
      outcome: "refused",
      address: request.ip,
      ...(purpose === undefined ? {} : { purpose }),
    },
  ]);
  throw new PermanentError("PURPOSE_REFUSED", "Evidence is not shown without a purpose", {
    where: PURPOSE_HEADER,
    expected: `a case (?case=), or one of: ${look.purposes.join(", ")}`,
    got: purpose ?? "none",
  });
}

/** Purposes that a camera is registered for. */
export async function purposesOf(
  db: Kysely<Schema>,
  camera: { readonly nodeId: string; readonly cameraId: string },
): Promise<readonly string[]> {
  const row = await db
    .selectFrom("camera")
    .select("purposes")
    .where("node_id", "=", camera.nodeId)
    .where("id", "=", camera.cameraId)
    .executeTakeFirst();
  return row?.purposes ?? [];
}
