/** More nodes than may wait, at a door of their own. */
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { uuidv7 } from "uuidv7";
import { expect, it } from "vitest";
import { addSignedRoutes, answerProblems } from "../../../brain/api/index.ts";
import { createNodes, createNodeWakeups } from "../../../brain/nodes/index.ts";
import type { Schema } from "../../../brain/store/index.ts";
import { type Problem, SENDER_HEADER, systemClock } from "../../../protocol/index.ts";
import { startTestPostgres } from "../../support/postgres.ts";
import { eventually } from "./brain-bench.ts";

/** Believes every sender; one node may wait. */
async function openDoor(
  db: Kysely<Schema>,
  closing: AbortSignal,
  onWaiting: (change: number) => void,
): Promise<FastifyInstance> {
  const app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerProblems(app);
  const never = (): never => {
    throw new Error("nobody looks at a picture here");
  };
  const nodes = createNodes({
    ...{ db, closing, clock: systemClock, newId: uuidv7, wakeups: createNodeWakeups() },
    ...{ town: never, requirePurpose: never, pictures: { has: never, read: never } },
    checkNode: (headers) => String(headers[SENDER_HEADER]),
    maxWaiting: 1,
    metrics: { waitingNodes: onWaiting, countOrder: () => undefined },
  });
  await addSignedRoutes(app, nodes.signedRoutes);
  return app;
}

it("sends a node away with a time to come again, but not without its plan", async () => {
  await using postgres = await startTestPostgres({ migrated: true });
  const pool = new pg.Pool({ connectionString: postgres.connectionString, max: 4 });
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  const closing = new AbortController();
  let waiting = 0;
  const app = await openDoor(db, closing.signal, (change) => {
    waiting += change;
  });
  const ask = async (nodeId: string, version = 0) =>
    app.inject({
      ...{ method: "POST", url: "/v1/orders/next", headers: { [SENDER_HEADER]: nodeId } },
      payload: { nodeId, plans: [{ camera: "cam", version }], scenes: [], waitMs: 20_000 },
    });
  const first = ask("node-a");
  await eventually(
    () => Promise.resolve(waiting),
    (count) => count === 1,
  );
  const second = await ask("node-b");
  expect(second.statusCode).toBe(429);
  expect(second.json<Problem>().code).toBe("OVERLOADED");
  expect(Number(second.headers["retry-after"])).toBeGreaterThan(0);
  // What it says is behind what is wanted: version 0, the node's own file.
  const third = await ask("node-b", 7);
  expect(third.json()).toMatchObject({ plans: [{ camera: "cam", version: 0, rules: null }] });
  closing.abort();
  expect((await first).json()).toEqual({ plans: [], orders: [] });
  expect(waiting).toBe(0);
  await app.close();
  await db.destroy();
}, 60_000);
