/** How nodes, cameras and endpoints are, for the control room. */
import type { Kysely } from "kysely";
import type { EpochMs, HealthView, Viewer } from "../../protocol/index.ts";
import { formatTime } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { iso, showUrl } from "./case-view.ts";

type NodeHealth = HealthView["nodes"][number];
type EndpointHealth = HealthView["endpoints"][number];

/** A node that has not been heard of for this long is late. */
const LATE_MS = 15_000;

export async function readHealth(
  db: Kysely<Schema>,
  now: EpochMs,
  version: string,
): Promise<HealthView> {
  const [nodes, endpoints, inbox] = await Promise.all([
    readNodes(db, now),
    readEndpoints(db),
    db
      .selectFrom("inbox")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow(),
  ]);
  const isWell =
    nodes.every((node) => node.state === "up" && node.cameras.every(isCameraWell)) &&
    endpoints.every((endpoint) => endpoint.state !== "failing");
  return {
    status: isWell ? "ok" : "degraded",
    at: formatTime(now),
    version,
    nodes,
    endpoints,
    inboxDepth: inbox.count,
  };
}

/** A department's desk is told of its own endpoint only. */
export function healthFor(health: HealthView, { department }: Viewer): HealthView {
  if (department === null) {
    return health;
  }
  const endpoints = health.endpoints.filter((endpoint) => endpoint.department === department);
  const isWell = endpoints.every((endpoint) => endpoint.state !== "failing");
  return { ...health, status: isWell ? "ok" : "degraded", nodes: [], endpoints, inboxDepth: 0 };
}

function isCameraWell(camera: NodeHealth["cameras"][number]): boolean {
  return camera.state === "live" || camera.state === "connecting";
}

async function readNodes(db: Kysely<Schema>, now: EpochMs): Promise<NodeHealth[]> {
  const rows = await db
    .selectFrom("node")
    .select(["id", "heartbeat", "seen_at", "skew_ms"])
    .where("enabled", "=", true)
    .orderBy("id")
    .execute();
  return rows.map(({ id, heartbeat, seen_at, skew_ms }) => ({
    id,
    state: seen_at === null ? "never" : now - seen_at.getTime() > LATE_MS ? "late" : "up",
    seenAt: iso(seen_at),
    skewMs: skew_ms,
    model: heartbeat?.model ?? null,
    provider: heartbeat?.provider ?? null,
    outboxDepth: heartbeat?.outboxDepth ?? null,
    cameras: heartbeat?.cameras ?? [],
  }));
}

async function readEndpoints(db: Kysely<Schema>): Promise<EndpointHealth[]> {
  const rows = await db
    .selectFrom("endpoint")
    .select((eb) => [
      "department",
      "url",
      "last_attempt_at",
      "last_success_at",
      "last_error",
      eb
        .selectFrom("delivery")
        .select((count) => count.fn.countAll<number>().as("count"))
        .whereRef("delivery.endpoint_id", "=", "endpoint.id")
        .where("delivery.state", "in", ["PENDING", "IN_FLIGHT"])
        .as("pending"),
    ])
    .where("enabled", "=", true)
    .orderBy("department")
    .execute();
  return rows.map((row) => ({
    department: row.department as EndpointHealth["department"],
    url: showUrl(row.url),
    state: row.last_error !== null ? "failing" : row.last_attempt_at === null ? "idle" : "healthy",
    pending: row.pending ?? 0,
    lastSuccessAt: iso(row.last_success_at),
    lastError: row.last_error,
  }));
}
