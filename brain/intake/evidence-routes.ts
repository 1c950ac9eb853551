/** `PUT` and `GET /v1/evidence/{sha256}`: pictures that events announced. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Kysely, Transaction } from "kysely";
import { z } from "zod";
import {
  type Clock,
  PermanentError,
  problemSchema,
  type Sha256,
  sha256Schema,
} from "../../protocol/index.ts";
import {
  appendTimeline,
  type EvidenceState,
  lockCases,
  publishCases,
  type Schema,
  transaction,
} from "../store/index.ts";
import { appendAudit } from "../audit/index.ts";
import { sha256Hex } from "./canonical.ts";
import type { EvidenceFiles } from "./evidence-files.ts";
import type { NodeDirectory } from "./event-routes.ts";

export interface EvidenceRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly directory: NodeDirectory;
  readonly files: EvidenceFiles;
  readonly maxBytes: number;
  /** Who looks and why: somebody who sees its case, or the endpoint that signed the hash. */
  readonly identifyReader: (request: FastifyRequest, sha256: string) => Promise<EvidenceReader>;
  /** Announces a picture that the node was ordered to take; false where it was not. */
  readonly announceOrdered: (nodeId: string, sha256: Sha256) => Promise<boolean>;
}

export interface EvidenceReader {
  readonly actor: string;
  readonly purpose: string;
}

const paramsSchema = z.object({ sha256: sha256Schema });
const querySchema = z.object({ case: z.string().optional(), purpose: z.string().optional() });
const storedSchema = z.object({ sha256: sha256Schema, repeated: z.boolean() });

/** Register inside a scope whose parser leaves bodies as bytes. */
export function evidenceRoutes(input: EvidenceRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "PUT",
      url: "/v1/evidence/:sha256",
      bodyLimit: input.maxBytes,
      schema: {
        summary: "Deliver a picture",
        description:
          "Only for a hash that an event of this node announced, or for a picture that it was " +
          "ordered to take. The signed content is the hash.",
        tags: ["edge"],
        params: paramsSchema,
        response: { 200: storedSchema, default: problemSchema },
      },
      config: { access: "signed" },
      // Checked on the headers, before a byte of the body is read.
      onRequest: (request, _reply, done) => {
        const { sha256 } = request.params as { sha256: string };
        request.nodeId = input.directory.checkNode(request.headers, sha256);
        done();
      },
      handler: (request) => {
        const { sha256 } = request.params as { sha256: Sha256 };
        return storeEvidence(input, request.nodeId, sha256, request.body);
      },
    });
    app.route({
      method: "GET",
      url: "/v1/evidence/:sha256",
      schema: {
        summary: "Look at a picture",
        description:
          "Every view leaves a trace. It names the case that it is for, or a purpose of the camera " +
          "(`?purpose=` or the header `x-sesb-purpose`). A department's endpoint signs the hash.",
        tags: ["console", "department"],
        params: paramsSchema,
        querystring: querySchema,
        response: { default: problemSchema },
      },
      config: { access: "signed-or-viewer", permission: "evidence.view" },
      handler: async (request, reply) => {
        const { sha256 } = request.params as { sha256: string };
        const reader = await input.identifyReader(request, sha256);
        const mime = await readMime(input, sha256);
        await recordView(input, reader, sha256, request.ip);
        void reply
          .header("etag", `"${sha256}"`)
          .header("cache-control", "private, max-age=1800, immutable")
          .header("content-disposition", "inline")
          .type(mime);
        if (request.headers["if-none-match"] === `"${sha256}"`) {
          return reply.code(304).send();
        }
        return reply.send(input.files.read(sha256));
      },
    });
  };
}

declare module "fastify" {
  interface FastifyRequest {
    /** Node that signed this request. */
    nodeId: string;
  }
}

async function storeEvidence(
  input: EvidenceRouteInput,
  nodeId: string,
  sha256: Sha256,
  body: unknown,
): Promise<z.infer<typeof storedSchema>> {
  const announced = await input.db
    .selectFrom("evidence_ref")
    .innerJoin("evidence", "evidence.sha256", "evidence_ref.sha256")
    .select(["evidence.mime", "evidence.state"])
    .where("evidence_ref.sha256", "=", sha256)
    .where("evidence_ref.node_id", "=", nodeId)
    .limit(1)
    .executeTakeFirst();
  if (announced === undefined && !(await input.announceOrdered(nodeId, sha256))) {
    throw new PermanentError("EVIDENCE_UNKNOWN", "No event of this node announced the picture", {
      where: sha256,
      expected: "the hash in the evidence of an accepted event",
    });
  }
  if (announced?.state === "stored" && (await input.files.has(sha256))) {
    return { sha256, repeated: true };
  }
  checkBytes(body, sha256, announced?.mime ?? "image/jpeg");
  await input.files.write(sha256, body);
  await markStored(input, nodeId, sha256, body.length);
  if (!(await input.files.has(sha256))) {
    // Retention erased what was deleted before, just as it came again.
    await input.files.write(sha256, body);
  }
  return { sha256, repeated: false };
}

function checkBytes(body: unknown, sha256: string, mime: string): asserts body is Buffer {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new PermanentError("EVIDENCE_MISMATCH", "The picture is empty", {
      where: "body",
      expected: "the picture's bytes",
    });
  }
  const hash = sha256Hex(body);
  if (hash !== sha256) {
    throw new PermanentError("EVIDENCE_MISMATCH", "The bytes have another hash", {
      where: "body",
      expected: sha256,
      got: hash,
    });
  }
  if (!hasMagic(body, mime)) {
    throw new PermanentError("EVIDENCE_MISMATCH", "The bytes are not what the event announced", {
      where: "body",
      expected: mime,
      got: `bytes that begin with ${body.subarray(0, 4).toString("hex")}`,
    });
  }
}

function hasMagic(body: Buffer, mime: string): boolean {
  switch (mime) {
    case "image/jpeg":
      return body[0] === 0xff && body[1] === 0xd8 && body[2] === 0xff;
    case "video/mp4":
      return body.subarray(4, 8).toString("latin1") === "ftyp";
    default:
      return false;
  }
}

/** What is delivered anew is looked at anew. */
const NEVER_GONE = { gone_at: null, checked_at: null, look_at: null, erased: false } as const;

/** Under the lock, so that a case is told of its picture by this or by its own opening. */
async function markStored(
  input: EvidenceRouteInput,
  nodeId: string,
  sha256: string,
  bytes: number,
): Promise<void> {
  const now = input.clock.now();
  const work = async (tx: Transaction<Schema>): Promise<void> => {
    await lockCases(tx);
    const changed = await tx
      .updateTable("evidence")
      .set({ state: "stored", stored_at: new Date(now), bytes, ...NEVER_GONE })
      .where("sha256", "=", sha256)
      .where("state", "!=", "stored")
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) {
      return;
    }
    const cases = await tx
      .updateTable("case_file")
      .set((eb) => ({ version: eb("version", "+", 1), updated_at: new Date(now) }))
      .where("incident_id", "in", (eb) =>
        eb
          .selectFrom("incident_event")
          .innerJoin("evidence_ref", "evidence_ref.event_id", "incident_event.event_id")
          .select("incident_event.incident_id")
          .where("evidence_ref.sha256", "=", sha256),
      )
      .returning("id")
      .execute();
    await appendTimeline(
      tx,
      cases.map(({ id }) => ({
        caseId: id,
        at: now,
        kind: "evidence",
        actor: `node:${nodeId}`,
        facts: { sha256, bytes },
      })),
    );
    await publishCases(
      tx,
      cases.map(({ id }) => id),
      now,
    );
  };
  await transaction(input.db, work, { clock: input.clock });
}

async function readMime(input: EvidenceRouteInput, sha256: string): Promise<string> {
  const row = await input.db
    .selectFrom("evidence")
    .select(["mime", "state", "gone_at"])
    .where("sha256", "=", sha256)
    .executeTakeFirst();
  const isThere = row?.state === "stored" && (await input.files.has(sha256));
  if (row === undefined || !isThere) {
    throw new PermanentError("EVIDENCE_UNKNOWN", whyNotHere(row), {
      where: sha256,
      expected: "a picture that was delivered and is kept",
    });
  }
  return row.mime;
}

function whyNotHere(
  row: { readonly state: EvidenceState; readonly gone_at: Date | null } | undefined,
): string {
  const day = row?.gone_at?.toISOString().slice(0, 10) ?? "";
  switch (row?.state) {
    case "deleted":
      return `The picture was deleted by retention on ${day}`;
    case "stored":
    case "damaged":
      return "The picture is damaged: its bytes are missing or wrong";
    default:
      return "The picture is not here";
  }
}

async function recordView(
  input: EvidenceRouteInput,
  { actor, purpose }: EvidenceReader,
  sha256: string,
  address: string,
): Promise<void> {
  await appendAudit(input.db, [
    {
      at: input.clock.now(),
      actor,
      action: "evidence.view",
      subject: `evidence:${sha256}`,
      purpose,
      address,
    },
  ]);
}
