/** Every camera that a node, the directory or the town's register knows, and how it is. */
import { type Kysely, sql } from "kysely";
import {
  type CameraItem,
  type CameraReport,
  type CameraScene,
  type EpochMs,
  formatTime,
  type GridCode,
  type Location,
  type RegisteredCamera,
  type Viewer,
  type WantedPlan,
} from "../../protocol/index.ts";
import { inScope, type Schema } from "../store/index.ts";
import { type CameraName, FILE_PLAN, planKey, readPlans } from "./plan-book.ts";

/** What cameras need of the town in force. */
export interface CameraTown {
  readonly record: { readonly cameras: readonly RegisteredCamera[] };
  locate(location: Location): { readonly gridCode: GridCode | null };
  findCamera(nodeId: string, cameraId: string): RegisteredCamera | undefined;
  findArea(code: string): { readonly zh: string; readonly en: string } | undefined;
}

export interface KnownCamerasInput {
  readonly db: Kysely<Schema>;
  readonly town: () => CameraTown;
}

/** One camera with everything that is known of it. */
export interface KnownCamera {
  readonly item: CameraItem;
  readonly plan: WantedPlan;
  readonly scene: CameraScene | null;
  readonly listed: ListedCamera | undefined;
  readonly registered: RegisteredCamera | undefined;
}

/** A row of the directory. */
export type ListedCamera = Awaited<ReturnType<typeof readListed>>[number];
type SceneRow = Awaited<ReturnType<typeof readScenes>>[number];
type NodeRow = Awaited<ReturnType<typeof readNodes>>[number];

/** As `GET /v1/health` judges nodes. */
const LATE_MS = 15_000;
/** In these nobody works on a case any more. */
const OVER = ["REJECTED", "MERGED", "CANCELLED", "CLOSED", "EVALUATED", "ARCHIVED"] as const;

/**
 * What a viewer sees: everything, or the cameras of his jurisdiction's grids. By node and id.
 *
 * @param only reads no more than this one.
 */
export async function readCameras(
  { db, town }: KnownCamerasInput,
  viewer: Viewer,
  now: EpochMs,
  only?: CameraName,
): Promise<KnownCamera[]> {
  const { record, locate, findCamera } = town();
  const [nodes, listed, scenes, plans, open] = await Promise.all([
    readNodes(db, only),
    readListed(db, only),
    readScenes(db, only),
    readPlans(db, only),
    countOpen(db, viewer, only),
  ]);
  const isWanted = (name: CameraName): boolean =>
    only === undefined || planKey(only) === planKey(name);
  const names = new Map<string, CameraName>();
  const add = (name: CameraName): void => {
    if (isWanted(name)) {
      names.set(planKey(name), name);
    }
  };
  listed.forEach(({ node_id, id }) => add({ nodeId: node_id, cameraId: id }));
  (only === undefined ? record.cameras : [findCamera(only.nodeId, only.cameraId)]).forEach(
    (camera) => camera && add(camera),
  );
  nodes.forEach(({ id, heartbeat }) =>
    heartbeat?.cameras.forEach((camera) => add({ nodeId: id, cameraId: camera.id })),
  );
  scenes.forEach(({ node_id, camera_id }) => add({ nodeId: node_id, cameraId: camera_id }));
  const byNode = new Map(nodes.map((row) => [row.id, row]));
  const byName = new Map(listed.map((row) => [`${row.node_id}/${row.id}`, row]));
  const byScene = new Map(scenes.map((row) => [`${row.node_id}/${row.camera_id}`, row]));
  return [...names.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, name]) => {
      const facts: Facts = {
        ...{ key, name, node: byNode.get(name.nodeId), listed: byName.get(key) },
        ...{ told: byScene.get(key), plan: plans.get(key) ?? FILE_PLAN, open: open.get(key) ?? 0 },
        registered: findCamera(name.nodeId, name.cameraId),
      };
      return toKnown(facts, locate, now);
    })
    .filter(({ item }) => isInJurisdiction(item.gridCode, viewer));
}

/** A camera without a grid lies in no jurisdiction, as a case without one. */
function isInJurisdiction(gridCode: string | null, { jurisdiction }: Viewer): boolean {
  return jurisdiction === null || (gridCode?.startsWith(jurisdiction) ?? false);
}

interface Facts {
  readonly key: string;
  readonly name: CameraName;
  readonly node: NodeRow | undefined;
  readonly listed: ListedCamera | undefined;
  readonly registered: RegisteredCamera | undefined;
  readonly told: SceneRow | undefined;
  readonly plan: WantedPlan;
  readonly open: number;
}

function toKnown(facts: Facts, locate: CameraTown["locate"], now: EpochMs): KnownCamera {
  const { key, name, node, listed, registered, told, plan, open } = facts;
  const report = node?.heartbeat?.cameras.find(({ id }) => id === name.cameraId);
  const scene = told?.scene ?? null;
  const item: CameraItem = {
    ...{ ref: key, nodeId: name.nodeId, cameraId: name.cameraId },
    name: registered?.name ?? listed?.name ?? report?.name ?? scene?.name ?? name.cameraId,
    node: stateOf(node, now),
    ...healthOf(report),
    registered: listed !== undefined || registered !== undefined,
    active: registered?.active ?? listed !== undefined,
    gridCode: gridOf(facts, locate),
    purposes: purposesOf(facts),
    wanted: { version: plan.version, analysed: plan.analysed, paused: plan.paused },
    inForce: inForceOf(told),
    refused: told?.refused?.version === plan.version ? told.refused.problem : null,
    openCases: open,
  };
  return { item, plan, scene, listed, registered };
}

function stateOf(node: NodeRow | undefined, now: EpochMs): CameraItem["node"] {
  const seenAt = node?.seen_at?.getTime();
  return seenAt === undefined ? "never" : now - seenAt > LATE_MS ? "late" : "up";
}

function healthOf(
  report: CameraReport | undefined,
): Pick<CameraItem, "state" | "since" | "reason" | "frames"> {
  if (report === undefined) {
    return { state: "unknown", since: null, reason: null, frames: null };
  }
  const { state, since, reason, captured, analysed, dropped, reconnects } = report;
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  return {
    ...{ state, since, reason: reason ?? null },
    frames: { captured, analysed, dropped: lost, reconnects },
  };
}

function gridOf({ registered, listed }: Facts, locate: CameraTown["locate"]): GridCode | null {
  if (registered !== undefined) {
    const [lon, lat] = registered.position;
    return locate({ lat, lon, crs: "WGS84" }).gridCode;
  }
  return listed === undefined ? null : locate(listed.location).gridCode;
}

function purposesOf({ registered, listed, told }: Facts): string[] {
  const own = told?.scene?.purpose;
  return [...(listed?.purposes ?? registered?.purposes ?? (own === undefined ? [] : [own]))];
}

function inForceOf(told: SceneRow | undefined): CameraItem["inForce"] {
  if (told === undefined || told.scene === null) {
    return null;
  }
  const { scene, version, told_at } = told;
  return {
    version: version ?? 0,
    analysed: scene.analysed,
    rules: scene.rules.length,
    paused: scene.paused,
    toldAt: formatTime(told_at.getTime()),
  };
}

function readNodes(db: Kysely<Schema>, only: CameraName | undefined) {
  const query = db
    .selectFrom("node")
    .select(["id", "heartbeat", "seen_at"])
    .where("enabled", "=", true);
  return (only === undefined ? query : query.where("id", "=", only.nodeId)).execute();
}

function readListed(db: Kysely<Schema>, only: CameraName | undefined) {
  const query = db
    .selectFrom("camera")
    .select(["node_id", "id", "name", "site_type", "managing_unit", "purposes"])
    .select(["retention_days", "sign_posted", "location"])
    .where("enabled", "=", true);
  return (
    only === undefined
      ? query
      : query.where("node_id", "=", only.nodeId).where("id", "=", only.cameraId)
  ).execute();
}

function readScenes(db: Kysely<Schema>, only: CameraName | undefined) {
  const query = db
    .selectFrom("camera_scene")
    .select(["node_id", "camera_id", "version", "refused", "scene", "told_at"])
    .where("node_id", "in", (eb) =>
      eb.selectFrom("node").select("node.id").where("node.enabled", "=", true),
    );
  return (
    only === undefined
      ? query
      : query.where("node_id", "=", only.nodeId).where("camera_id", "=", only.cameraId)
  ).execute();
}

async function countOpen(
  db: Kysely<Schema>,
  viewer: Viewer,
  only: CameraName | undefined,
): Promise<ReadonlyMap<string, number>> {
  let query = db
    .selectFrom("case_file")
    .select(["node_id", "camera_id", sql<number>`count(*)`.as("open")])
    .where("state", "not in", OVER)
    .where((eb) => inScope(eb, viewer))
    .groupBy(["node_id", "camera_id"]);
  if (only !== undefined) {
    query = query.where("node_id", "=", only.nodeId).where("camera_id", "=", only.cameraId);
  }
  const rows = await query.execute();
  return new Map(rows.map((row) => [`${row.node_id}/${row.camera_id}`, row.open]));
}
