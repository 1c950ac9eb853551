/** `GET /v1/town/map`: grids and cameras for the map, with what is open in each. */
import type { FastifyInstance } from "fastify";
import { type Kysely, sql } from "kysely";
import {
  type AreaGeometry,
  cameraRefOf,
  type LonLat,
  problemSchema,
  type OpenCount,
  type RegisteredCamera,
  type TownMap,
  townMapSchema,
  type Viewer,
} from "../../protocol/index.ts";
import { fromGcj02 } from "../correlate/index.ts";
import { inScope, type Schema } from "../store/index.ts";
import { OVER_STATES } from "./queue-queries.ts";

/** What the map needs of the town in force. */
export interface MappedTown {
  readonly version: number;
  readonly record: {
    readonly areas: readonly {
      readonly level: string;
      readonly code: string;
      readonly zh: string;
      readonly en: string;
      readonly geometry: AreaGeometry | null;
    }[];
    readonly cameras: readonly Pick<
      RegisteredCamera,
      "nodeId" | "cameraId" | "name" | "active" | "position"
    >[];
  };
}

export interface TownRouteInput {
  readonly db: Kysely<Schema>;
  readonly town: () => MappedTown;
  /** A background of tiles, where one is configured. */
  readonly tiles?: TownMap["tiles"];
}

const NONE: OpenCount = { open: 0, urgent: 0 };

export function townRoutes({ db, town, tiles }: TownRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/town/map",
      schema: {
        summary: "Grids and cameras as GeoJSON, with their open cases",
        description: "WGS 84. What the caller may see of cases bounds what is counted.",
        tags: ["console"],
        response: { 200: townMapSchema, default: problemSchema },
      },
      config: { permission: "case.view" },
      handler: async (request) => ({
        ...(await readMap(db, town(), request.viewer)),
        ...(tiles === undefined ? {} : { tiles }),
      }),
    });
  };
}

async function readMap(db: Kysely<Schema>, town: MappedTown, viewer: Viewer): Promise<TownMap> {
  const counts = await countOpen(db, viewer);
  const cameras = await readCameras(db, town);
  return {
    version: town.version,
    grids: {
      type: "FeatureCollection",
      features: town.record.areas.flatMap(({ level, code, zh, en, geometry }) =>
        level !== "grid" || geometry === null
          ? []
          : [
              {
                type: "Feature",
                properties: { code, zh, en, ...(counts.grids.get(code) ?? NONE) },
                geometry: geometry as TownMap["grids"]["features"][number]["geometry"],
              },
            ],
      ),
    },
    cameras: {
      type: "FeatureCollection",
      features: cameras.map(({ camera, name, active, position: [lon, lat] }) => ({
        type: "Feature",
        properties: { camera, name, active, ...(counts.cameras.get(camera) ?? NONE) },
        geometry: { type: "Point", coordinates: [lon, lat] },
      })),
    },
  };
}

interface Counts {
  readonly grids: ReadonlyMap<string, OpenCount>;
  readonly cameras: ReadonlyMap<string, OpenCount>;
}

async function countOpen(db: Kysely<Schema>, viewer: Viewer): Promise<Counts> {
  const rows = await db
    .selectFrom("case_file")
    .select(["node_id", "camera_id", sql<string | null>`location ->> 'gridCode'`.as("grid")])
    .select((eb) => [
      eb.fn.countAll<number>().as("open"),
      eb.fn.countAll<number>().filterWhere("service_level", "=", "S0").as("urgent"),
    ])
    .where("state", "not in", OVER_STATES)
    .where((eb) => inScope(eb, viewer))
    .groupBy(["node_id", "camera_id", "grid"])
    .execute();
  const grids = new Map<string, OpenCount>();
  const cameras = new Map<string, OpenCount>();
  const add = (counts: Map<string, OpenCount>, key: string, { open, urgent }: OpenCount): void => {
    const known = counts.get(key) ?? NONE;
    counts.set(key, { open: known.open + open, urgent: known.urgent + urgent });
  };
  for (const row of rows) {
    add(cameras, cameraRefOf(row.node_id, row.camera_id), row);
    if (row.grid !== null) {
      add(grids, row.grid, row);
    }
  }
  return { grids, cameras };
}

interface MappedCamera {
  readonly camera: string;
  readonly name: string;
  readonly active: boolean;
  readonly position: LonLat;
}

/** The register first; a camera that only a node's directory knows is added from there. */
async function readCameras(db: Kysely<Schema>, town: MappedTown): Promise<MappedCamera[]> {
  const registered = town.record.cameras.map(({ nodeId, cameraId, name, active, position }) => ({
    camera: cameraRefOf(nodeId, cameraId),
    ...{ name, active, position },
  }));
  const known = new Set(registered.map(({ camera }) => camera));
  const rows = await db
    .selectFrom("camera")
    .select(["node_id", "id", "name", "location", "enabled"])
    .orderBy("node_id")
    .orderBy("id")
    .execute();
  const others = rows.flatMap(({ node_id, id, name, location, enabled }) => {
    const camera = cameraRefOf(node_id, id);
    if (known.has(camera)) {
      return [];
    }
    const { lat, lon } = location.crs === "GCJ02" ? fromGcj02(location) : location;
    return [{ camera, name, active: enabled, position: [lon, lat] as const }];
  });
  return [...registered, ...others];
}
