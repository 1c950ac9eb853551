/** Brings the directory file into the database; what left the file is disabled, never deleted. */
import type { Kysely, Transaction } from "kysely";
import type { Directory } from "../../config/index.ts";
import { type Clock, type EpochMs, findDepartment, PermanentError } from "../../protocol/index.ts";
import { HUB_DEPARTMENT } from "../cases/index.ts";
import { lockCases, publishCases, type Schema, transaction } from "../store/index.ts";
import type { SecretBox } from "./secret-box.ts";
import { readWebhookSecret } from "./secret-file.ts";

export interface ImportInput {
  readonly db: Kysely<Schema>;
  readonly directory: Directory;
  readonly box: SecretBox;
  readonly newId: () => string;
  readonly clock: Clock;
}

/**
 * @throws PermanentError CONFIG_INVALID for doubles, for endpoints of departments that nobody knows
 * and for secret files that cannot be used.
 */
export async function importDirectory(input: ImportInput): Promise<void> {
  const { db, directory, box, newId } = input;
  refuseDoubles(
    "nodes",
    directory.nodes.map((node) => node.id),
  );
  for (const node of directory.nodes) {
    refuseDoubles(
      `cameras of node ${node.id}`,
      node.cameras.map((camera) => camera.id),
    );
  }
  refuseDoubles(
    "endpoints",
    directory.endpoints.map((endpoint) => endpoint.department),
  );
  const nodeSecrets = await Promise.all(
    directory.nodes.map((node) => readWebhookSecret(node.secretFile)),
  );
  const endpointSecrets = await Promise.all(
    directory.endpoints.map((endpoint) => readWebhookSecret(endpoint.secretFile)),
  );
  const work = async (tx: Transaction<Schema>): Promise<void> => {
    await lockCases(tx);
    await refuseStrangers(tx, directory);
    await tx.updateTable("camera").set({ enabled: false }).execute();
    await tx.updateTable("node").set({ enabled: false }).execute();
    await tx.updateTable("endpoint").set({ enabled: false }).execute();
    for (const [index, node] of directory.nodes.entries()) {
      await putNode(tx, node, box.seal(nodeSecrets[index] as string, nodeOwner(node.id)));
    }
    for (const [index, endpoint] of directory.endpoints.entries()) {
      const owner = endpointOwner(endpoint.department);
      await putEndpoint(tx, endpoint, box.seal(endpointSecrets[index] as string, owner), newId());
    }
    await followToHub(tx, input.clock.now());
  };
  await transaction(db, work, { clock: input.clock });
}

/** What a node's sealed secret is bound to. */
export function nodeOwner(id: string): string {
  return `node:${id}`;
}

/** What an endpoint's sealed secret is bound to. */
export function endpointOwner(department: string): string {
  return `endpoint:${department}`;
}

function refuseDoubles(what: string, ids: readonly string[]): void {
  const double = ids.find((id, index) => ids.indexOf(id) !== index);
  if (double !== undefined) {
    throw new PermanentError("CONFIG_INVALID", "The directory names something twice", {
      where: what,
      expected: "each once",
      got: `${double} twice`,
    });
  }
}

async function putNode(
  tx: Transaction<Schema>,
  node: Directory["nodes"][number],
  secret: string,
): Promise<void> {
  await tx
    .insertInto("node")
    .values({ id: node.id, secret, enabled: true })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ secret, enabled: true }))
    .execute();
  for (const camera of node.cameras) {
    const row = {
      name: camera.name,
      site_type: camera.siteType,
      managing_unit: camera.managingUnit,
      purposes: JSON.stringify(camera.purposes),
      retention_days: camera.retentionDays,
      sign_posted: camera.signPosted,
      location: JSON.stringify(camera.location),
      enabled: true,
    };
    await tx
      .insertInto("camera")
      .values({ node_id: node.id, id: camera.id, ...row })
      .onConflict((conflict) => conflict.columns(["node_id", "id"]).doUpdateSet(row))
      .execute();
  }
}

/** One endpoint per department: a new address keeps the id, so that waiting deliveries follow. */
async function putEndpoint(
  tx: Transaction<Schema>,
  endpoint: Directory["endpoints"][number],
  secret: string,
  id: string,
): Promise<void> {
  const row = { url: endpoint.url, secret, enabled: true };
  await tx
    .insertInto("endpoint")
    .values({ id, department: endpoint.department, ...row })
    .onConflict((conflict) => conflict.column("department").doUpdateSet(row))
    .execute();
}

async function refuseStrangers(tx: Transaction<Schema>, { endpoints }: Directory): Promise<void> {
  const rows = await tx
    .selectFrom("department")
    .select("code")
    .where("enabled", "=", true)
    .execute();
  const known = new Set(rows.map(({ code }) => code));
  const stranger = endpoints.find(
    ({ department }) => findDepartment(department) === undefined && !known.has(department),
  );
  if (stranger !== undefined) {
    throw new PermanentError("CONFIG_INVALID", "An endpoint belongs to no known department", {
      where: "endpoints",
      expected: "a department of the catalogue or of the town",
      got: stranger.department,
    });
  }
}

/** What waits for an endpoint that is gone goes to the hub's, as new cases of its department do. */
async function followToHub(tx: Transaction<Schema>, now: EpochMs): Promise<void> {
  const hub = await tx
    .selectFrom("endpoint")
    .select("id")
    .where("department", "=", HUB_DEPARTMENT)
    .where("enabled", "=", true)
    .executeTakeFirst();
  if (hub === undefined) {
    return;
  }
  const moved = await tx
    .updateTable("delivery")
    .set({
      endpoint_id: hub.id,
      state: "PENDING",
      next_attempt_at: new Date(now),
      lease_token: null,
      lease_until: null,
    })
    .where("state", "in", ["PENDING", "IN_FLIGHT"])
    .where("endpoint_id", "in", (eb) =>
      eb.selectFrom("endpoint").select("id").where("enabled", "=", false),
    )
    .returning("case_id")
    .execute();
  await publishCases(
    tx,
    moved.map((row) => row.case_id),
    now,
  );
}
