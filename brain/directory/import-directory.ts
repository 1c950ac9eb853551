/**
 * Brings the directory file into the database; what left the file is disabled, never deleted. The
 * file only seeds what administrators change later: what they changed stays as they made it, and
 * where the file says something new of it, that is reported.
 */
import { createHash } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import type { Directory } from "../../config/index.ts";
import { type Clock, type EpochMs, findDepartment, PermanentError } from "../../protocol/index.ts";
import { HUB_DEPARTMENT } from "../cases/index.ts";
import {
  type FileEntry,
  lockCases,
  publishCases,
  type Schema,
  transaction,
} from "../store/index.ts";
import type { SecretBox } from "./secret-box.ts";
import { readWebhookSecret } from "./secret-file.ts";

export interface ImportInput {
  readonly db: Kysely<Schema>;
  readonly directory: Directory;
  readonly box: SecretBox;
  readonly newId: () => string;
  readonly clock: Clock;
}

/** The file says something new of what the control room rules. */
export interface FileDifference {
  /** Such as `endpoint GA`. */
  readonly of: string;
  readonly what: "changed" | "removed";
}

/**
 * @returns what the file says and is not applied.
 * @throws PermanentError CONFIG_INVALID for doubles, for endpoints of departments that nobody knows
 * and for secret files that cannot be used.
 */
export async function importDirectory(input: ImportInput): Promise<readonly FileDifference[]> {
  const { db, directory } = input;
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
  return transaction(db, (tx) => importIn(tx, input, { nodeSecrets, endpointSecrets }), {
    clock: input.clock,
  });
}

interface Secrets {
  readonly nodeSecrets: readonly string[];
  readonly endpointSecrets: readonly string[];
}

async function importIn(
  tx: Transaction<Schema>,
  { directory, box, newId, clock }: ImportInput,
  { nodeSecrets, endpointSecrets }: Secrets,
): Promise<readonly FileDifference[]> {
  await lockCases(tx);
  await refuseStrangers(tx, directory);
  await tx.updateTable("camera").set({ enabled: false }).execute();
  await tx.updateTable("node").set({ enabled: false }).execute();
  await tx
    .updateTable("endpoint")
    .set({ enabled: false })
    .where("managed_by", "=", "file")
    .execute();
  for (const [index, node] of directory.nodes.entries()) {
    const secret = nodeSecrets[index] as string;
    const entry = { secret: digestOf(secret) };
    await putNode(tx, node, box.seal(secret, nodeOwner(node.id)), entry);
  }
  for (const [index, endpoint] of directory.endpoints.entries()) {
    const secret = endpointSecrets[index] as string;
    const entry = { url: endpoint.url, secret: digestOf(secret) };
    const sealed = box.seal(secret, endpointOwner(endpoint.department));
    await putEndpoint(tx, endpoint, sealed, { entry, id: newId() });
  }
  const differences = await noteDifferences(tx, directory, endpointSecrets, nodeSecrets, clock);
  await followToHub(tx, clock.now());
  return differences;
}

/** Secrets hold 24 random bytes at least: their digest tells nothing of them. */
function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
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
  entry: FileEntry,
): Promise<void> {
  const seed = JSON.stringify(entry);
  await tx
    .insertInto("node")
    .values({ id: node.id, secret, enabled: true, file_seed: seed })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ enabled: true }))
    .execute();
  await tx
    .updateTable("node")
    .set({ secret, file_seed: seed, file_differs: null })
    .where("id", "=", node.id)
    .where("managed_by", "=", "file")
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
  { entry, id }: { readonly entry: FileEntry; readonly id: string },
): Promise<void> {
  const { url, department } = endpoint;
  const row = { url, secret, enabled: true, file_seed: JSON.stringify(entry) };
  await tx
    .insertInto("endpoint")
    .values({ id, department, ...row })
    .onConflict((conflict) => conflict.column("department").doNothing())
    .execute();
  await tx
    .updateTable("endpoint")
    .set({ ...row, disabled_reason: null, file_differs: null })
    .where("department", "=", department)
    .where("managed_by", "=", "file")
    .execute();
}

/** What the control room rules stays; what the file says anew of it is written beside it. */
async function noteDifferences(
  tx: Transaction<Schema>,
  { endpoints, nodes }: Directory,
  endpointSecrets: readonly string[],
  nodeSecrets: readonly string[],
  clock: Clock,
): Promise<FileDifference[]> {
  const seenAt = new Date(clock.now());
  const said = new Map<string, FileEntry>([
    ...endpoints.map(
      ({ department, url }, index) =>
        [department, { url, secret: digestOf(endpointSecrets[index] as string) }] as const,
    ),
  ]);
  const saidOfNodes = new Map<string, FileEntry>(
    nodes.map(({ id }, index) => [id, { secret: digestOf(nodeSecrets[index] as string) }]),
  );
  const differences: FileDifference[] = [];
  const ruled = await tx
    .selectFrom("endpoint")
    .select(["department as key", "file_seed"])
    .where("managed_by", "=", "room")
    .execute();
  for (const { key, file_seed } of ruled) {
    const differs = differenceOf(file_seed, said.get(key));
    await tx
      .updateTable("endpoint")
      .set({ file_differs: asJson(differs), file_seen_at: seenAt })
      .where("department", "=", key)
      .execute();
    differences.push(...told(`endpoint ${key}`, differs));
  }
  const ruledNodes = await tx
    .selectFrom("node")
    .select(["id as key", "file_seed"])
    .where("managed_by", "=", "room")
    .where("enabled", "=", true)
    .execute();
  for (const { key, file_seed } of ruledNodes) {
    const differs = differenceOf(file_seed, saidOfNodes.get(key));
    await tx
      .updateTable("node")
      .set({ file_differs: asJson(differs), file_seen_at: seenAt })
      .where("id", "=", key)
      .execute();
    differences.push(...told(`node ${key}`, differs));
  }
  return differences;
}

const asJson = (value: object | null): string | null =>
  value === null ? null : JSON.stringify(value);

/** Null where the file says what it said; `{}` where it names it no more. */
function differenceOf(
  seed: FileEntry | null,
  said: FileEntry | undefined,
): Partial<FileEntry> | null {
  if (said === undefined) {
    return seed === null ? null : {};
  }
  return seed?.url === said.url && seed?.secret === said.secret ? null : said;
}

function told(of: string, differs: Partial<FileEntry> | null): FileDifference[] {
  if (differs === null) {
    return [];
  }
  return [{ of, what: differs.secret === undefined ? "removed" : "changed" }];
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

/**
 * What waits for an endpoint that is gone goes to the hub's, as new cases of its department do.
 *
 * @returns the hub's endpoint, where there is one.
 */
export async function followToHub(
  tx: Transaction<Schema>,
  now: EpochMs,
): Promise<string | undefined> {
  const hub = await tx
    .selectFrom("endpoint")
    .select("id")
    .where("department", "=", HUB_DEPARTMENT)
    .where("enabled", "=", true)
    .executeTakeFirst();
  if (hub === undefined) {
    return undefined;
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
  return hub.id;
}
