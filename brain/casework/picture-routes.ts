/** `POST /v1/cases/{id}/evidence` and `/v1/tasks/{taskId}/evidence`: pictures taken after the work. */
import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  AFTER_PICTURE_BYTES,
  type AfterPictureAnswer,
  afterPictureAnswerSchema,
  type AfterPictureQuery,
  afterPictureQuerySchema,
  auditName,
  caseIdSchema,
  PermanentError,
  problemSchema,
  sha256Schema,
  taskIdSchema,
  type TaskPictureQuery,
  taskPictureQuerySchema,
} from "../../protocol/index.ts";
import { requireCaseInScope } from "../store/index.ts";
import type { AfterPictures } from "./after-pictures.ts";
import {
  type DepartmentRouteInput,
  findTarget,
  type SigningDepartment,
} from "./department-routes.ts";
import type { PictureInput } from "./deps.ts";

type Routes = (app: FastifyInstance) => void;

const caseParamsSchema = z.object({ id: caseIdSchema });
const taskParamsSchema = z.object({ taskId: taskIdSchema });
/** Of one address: a department's people may share theirs. */
const RATE = { max: 300, timeWindow: 10 * 60_000 };
const DESCRIPTION =
  "The body is one JPEG or PNG of at most 4 MB. It is drawn anew: place, preview and whatever else " +
  "the file carries are left out. `handle` and `pass` name the picture by the `sha256` of the " +
  "answer. Sending it again is harmless.";

/** For the plain scope; takes bodies as bytes in a scope of its own. */
export function casePictureRoutes(input: PictureInput, pictures: AfterPictures): Routes {
  return (app) => {
    void app.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        ["image/jpeg", "image/png"],
        { parseAs: "buffer", bodyLimit: AFTER_PICTURE_BYTES },
        (_request, body, parsed) => parsed(null, body),
      );
      addCaseRoute(scope, input, pictures);
      done();
    });
  };
}

function addCaseRoute(scope: FastifyInstance, input: PictureInput, pictures: AfterPictures): void {
  scope.route({
    method: "POST",
    url: "/v1/cases/:id/evidence",
    schema: {
      summary: "Add a picture taken after the work",
      description: DESCRIPTION,
      tags: ["console"],
      consumes: ["image/jpeg", "image/png"],
      params: caseParamsSchema,
      querystring: afterPictureQuerySchema,
      response: { 200: afterPictureAnswerSchema, default: problemSchema },
    },
    config: { permission: "case.command", rateLimit: RATE },
    handler: async (request): Promise<AfterPictureAnswer> => {
      const { id } = request.params as z.infer<typeof caseParamsSchema>;
      const { viewer } = request;
      await requireCaseInScope(input.db, id, viewer);
      return pictures.add({
        caseId: id,
        taskId: null,
        department: viewer.department,
        actor: viewer.department === null ? auditName(viewer) : `department:${viewer.department}`,
        address: request.ip,
        bytes: bytesOf(request),
        claims: request.query as AfterPictureQuery,
      });
    },
  });
}

/** For the scope of signed requests. */
export function taskPictureRoutes(input: DepartmentRouteInput, pictures: AfterPictures): Routes {
  const signers = new WeakMap<FastifyRequest, SigningDepartment>();
  return (app) => {
    app.route({
      method: "POST",
      url: "/v1/tasks/:taskId/evidence",
      bodyLimit: AFTER_PICTURE_BYTES,
      schema: {
        summary: "Add a picture taken after the work",
        description: `${DESCRIPTION} \`?sha256=\` is the hash of the body; it is what is signed.`,
        tags: ["department"],
        consumes: ["image/jpeg", "image/png"],
        params: taskParamsSchema,
        querystring: taskPictureQuerySchema,
        response: { 200: afterPictureAnswerSchema, default: problemSchema },
      },
      config: { access: "signed", rateLimit: RATE },
      // Checked on the headers, before a byte of the picture is read.
      onRequest: (request, _reply, done) => {
        const { sha256 } = request.query as { readonly sha256?: unknown };
        signers.set(request, input.checkEndpoint(request.headers, String(sha256)));
        done();
      },
      handler: async (request): Promise<AfterPictureAnswer> => {
        const { taskId } = request.params as z.infer<typeof taskParamsSchema>;
        const { sha256, unit, ...claims } = request.query as TaskPictureQuery;
        const bytes = bytesOf(request);
        requireHash(bytes, sha256);
        const endpoint = signers.get(request) as SigningDepartment;
        const { caseId, department } = await input.db
          .transaction()
          .execute((tx) => findTarget(tx, taskId, endpoint, unit));
        return pictures.add({
          ...{ caseId, taskId, department, claims, bytes },
          actor: `department:${department}`,
          address: request.ip,
        });
      },
    });
  };
}

function bytesOf({ body }: FastifyRequest): Buffer {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new PermanentError("EVIDENCE_MISMATCH", "The picture is empty", {
      where: "body",
      expected: "the bytes of a JPEG or PNG",
    });
  }
  return body;
}

function requireHash(bytes: Buffer, expected: string): void {
  const hash = createHash("sha256").update(bytes).digest("hex");
  if (sha256Schema.parse(hash) !== expected) {
    throw new PermanentError("EVIDENCE_MISMATCH", "The bytes have another hash", {
      ...{ where: "body", expected, got: hash },
    });
  }
}
