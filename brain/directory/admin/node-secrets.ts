/** `/v1/node-secrets`: what edge nodes sign with, rotated as endpoints' secrets are. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import {
  type EpochMs,
  formatTime,
  nodeIdSchema,
  type NodeSecret,
  nodeSecretSchema,
  type NodeSecretView,
  nodeSecretViewSchema,
  type OverlapEnd,
  overlapEndSchema,
  PermanentError,
  problemSchema,
  type Rotation,
  rotationSchema,
} from "../../../protocol/index.ts";
import { appendAudit } from "../../audit/index.ts";
import { type Schema, transaction } from "../../store/index.ts";
import { nodeOwner } from "../import-directory.ts";
import { type AdminInput, type By, byOf, notifyBooks, requireVersion, type Tx } from "./deps.ts";
import { changedBy, type NodeRow, rotated, viewHolder } from "./secret-holder.ts";

const paramsSchema = z.object({ id: nodeIdSchema });
const idOf = ({ params }: FastifyRequest): string => (params as z.infer<typeof paramsSchema>).id;
const TAGS = ["administration"];

export function nodeSecretRoutes(input: AdminInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/node-secrets",
      schema: {
        summary: "Edge nodes, and since when they have their secret",
        tags: TAGS,
        response: {
          200: z.object({ items: z.array(nodeSecretViewSchema) }),
          default: problemSchema,
        },
      },
      config: { permission: "endpoint.view" },
      handler: async () => ({ items: await readViews(input.db, input.clock.now()) }),
    });
    app.route({
      method: "POST",
      url: "/v1/node-secrets/:id",
      schema: {
        summary: "Rotate a node's secret; the new one is shown this once",
        description: "During the overlap the node may sign with either.",
        tags: TAGS,
        params: paramsSchema,
        body: rotationSchema,
        response: { 200: nodeSecretSchema, default: problemSchema },
      },
      config: { permission: "endpoint.manage" },
      handler: (request) => rotate(input, idOf(request), request.body as Rotation, byOf(request)),
    });
    app.route({
      method: "POST",
      url: "/v1/node-secrets/:id/overlap-end",
      schema: {
        summary: "End the overlap now",
        tags: TAGS,
        params: paramsSchema,
        body: overlapEndSchema,
        response: { 200: nodeSecretViewSchema, default: problemSchema },
      },
      config: { permission: "endpoint.manage" },
      handler: (request) =>
        endOverlap(input, idOf(request), request.body as OverlapEnd, byOf(request)),
    });
  };
}

async function rotate(
  input: AdminInput,
  id: string,
  { expectedVersion, reason, overlapH }: Rotation,
  by: By,
): Promise<NodeSecret> {
  const secret = input.newSecret();
  const sealed = input.box.seal(secret, nodeOwner(id));
  await changeNode(input, { id, expectedVersion, by, action: "node.rotate" }, (row, now) => ({
    set: rotated(row, sealed, overlapH, now),
    facts: { overlapH, reason },
  }));
  return { node: await readNodeView(input, id), secret };
}

async function endOverlap(
  input: AdminInput,
  id: string,
  { expectedVersion, reason }: OverlapEnd,
  by: By,
): Promise<NodeSecretView> {
  await changeNode(input, { id, expectedVersion, by, action: "node.end-overlap" }, () => ({
    set: { old_secrets: "[]" },
    facts: { reason },
  }));
  return readNodeView(input, id);
}

interface NodeWish {
  readonly id: string;
  readonly expectedVersion: number;
  readonly by: By;
  readonly action: string;
}

async function changeNode(
  { db, clock, reloadBook }: AdminInput,
  { id, expectedVersion, by, action }: NodeWish,
  change: (
    row: NodeRow,
    now: EpochMs,
  ) => {
    readonly set: Partial<ReturnType<typeof rotated>>;
    readonly facts: Readonly<Record<string, string | number>>;
  },
): Promise<void> {
  const work = async (tx: Tx): Promise<void> => {
    const row = await tx
      .selectFrom("node")
      .selectAll()
      .where("id", "=", id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) {
      throw nodeUnknown(id);
    }
    requireVersion(row.version, expectedVersion);
    const now = clock.now();
    const { set, facts } = change(row, now);
    await tx
      .updateTable("node")
      .set({ ...changedBy(row, by, now), ...set })
      .where("id", "=", id)
      .execute();
    await appendAudit(tx, [{ at: now, ...by, action, subject: `node:${id}`, facts }]);
    await notifyBooks(tx);
  };
  await transaction(db, work, { clock });
  await reloadBook();
}

async function readNodeView({ db, clock }: AdminInput, id: string): Promise<NodeSecretView> {
  const found = (await readViews(db, clock.now())).find((node) => node.id === id);
  if (found === undefined) {
    throw nodeUnknown(id);
  }
  return found;
}

async function readViews(db: Kysely<Schema>, now: EpochMs): Promise<NodeSecretView[]> {
  const rows = await db.selectFrom("node").selectAll().orderBy("id").execute();
  return rows.map((row) => ({
    id: row.id,
    enabled: row.enabled,
    seenAt: row.seen_at === null ? null : formatTime(row.seen_at.getTime()),
    ...viewHolder(row, now),
  }));
}

function nodeUnknown(id: string): PermanentError {
  return new PermanentError("NOT_FOUND", "There is no such node", { where: id });
}
