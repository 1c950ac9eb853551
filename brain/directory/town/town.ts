/** The town in memory: what intake, correlation, cases and the console ask of the directory. */
import {
  type Area,
  cameraRefOf,
  type CameraNeighbour,
  catalogue,
  type DisposalUnit,
  type EpochMs,
  type GridCode,
  type IncidentEvent,
  type LocatedGrid,
  type Location,
  purposeClassOf,
  type RegisteredCamera,
  type RoutingRule,
  type TownRecord,
  type WorkCalendar,
} from "../../../protocol/index.ts";
import { type CameraGraph, createCameraGraph, fromGcj02 } from "../../correlate/index.ts";
import { filingDueOn } from "./check-cameras.ts";
import { createDutyRoster, createLocalClock, type DutyRoster } from "./duty.ts";
import { createGridIndex, type GridHit } from "./grid-index.ts";
import { createRouting } from "./routing-rules.ts";

export interface LocatedEvent {
  readonly event: IncidentEvent;
  readonly grid: LocatedGrid;
}

export interface DueFiling {
  readonly camera: string;
  /** Last day for it, `YYYY-MM-DD`. */
  readonly dueOn: string;
  readonly overdue: boolean;
}

/** `unregistered` is for the node's own directory to judge: the register does not know the camera. */
export type Registration = "permitted" | "unregistered" | "inactive" | "not-its-purpose";

export interface Town extends DutyRoster {
  /** Rises with every import; 0 while there is none. */
  readonly version: number;
  readonly record: TownRecord;
  /** Undefined while no working hours have been imported. */
  readonly calendar: WorkCalendar | undefined;
  /** Grid of a place in WGS 84; the nearest one within the town's limit where it is in none. */
  gridOf(lat: number, lon: number): GridHit | undefined;
  /** Grid of an event: the one it names where there is such a one, else that of its place. */
  locate(location: Location): LocatedGrid;
  /** The event with the grid that `locate` gives it, and without a code that no grid has. */
  locateEvent(event: IncidentEvent): LocatedEvent;
  findArea(code: string): Area | undefined;
  /**
   * Whether new work goes to the department's own system. Without an import the catalogue's
   * departments are in force.
   */
  hasDepartment(code: string): boolean;
  /** Why nothing new goes to a department; undefined where it does. */
  whyDisabled(code: string): string | undefined;
  /** The rule for an event type in a grid; undefined where the catalogue decides. */
  routeOf(eventType: string, gridCode: string | undefined): RoutingRule | undefined;
  unitsOf(department: string): readonly DisposalUnit[];
  findCamera(nodeId: string, cameraId: string): RegisteredCamera | undefined;
  /** Whether an event of a camera is within its registration; device events always are. */
  judge(nodeId: string, cameraId: string, eventType: string): Registration;
  /** Ways that lead away from a camera's view. */
  neighboursOf(nodeId: string, cameraId: string): readonly CameraNeighbour[];
  /** The same ways as correlation follows them. */
  readonly cameraGraph: CameraGraph;
  /** Filings with the police that are still to be made, the most urgent first. */
  dueFilings(at: EpochMs): readonly DueFiling[];
}

export const EMPTY_TOWN: TownRecord = {
  settings: { timeZone: "Asia/Shanghai", nearestGridM: 0 },
  areas: [],
  departments: [],
  units: [],
  lines: [],
  cameras: [],
  neighbours: [],
  responders: [],
  shifts: [],
  hours: [],
  days: [],
  routing: [],
};

export function createTown(record: TownRecord, version: number): Town {
  const { settings } = record;
  const areas = new Map(record.areas.map((area) => [area.code, area]));
  const shapes = record.areas.flatMap(({ level, code, geometry }) =>
    level === "grid" && geometry !== null ? [{ code, geometry }] : [],
  );
  const grids = createGridIndex(shapes);
  const list = version === 0 ? catalogue.departments : record.departments;
  const disabled = new Map<string, string>(
    record.departments.flatMap((one) => (one.disabled === "" ? [] : [[one.code, one.disabled]])),
  );
  const departments = new Set<string>(
    list.map(({ code }) => code).filter((code) => !disabled.has(code)),
  );
  const units = groupBy(record.units, (unit) => unit.department);
  const cameras = new Map(
    record.cameras.map((camera) => [cameraRefOf(camera.nodeId, camera.cameraId), camera]),
  );
  const neighbours = groupBy(record.neighbours, (way) => way.from);
  const gridOf = (lat: number, lon: number): GridHit | undefined =>
    grids.find(lon, lat, settings.nearestGridM);
  // Without grids there is nothing to judge a code by: it stays as it came.
  const isGrid = (code: string): boolean =>
    shapes.length === 0 || areas.get(code)?.level === "grid";
  const locateHere = (location: Location): LocatedGrid => locate(location, isGrid, gridOf);
  return {
    version,
    record,
    calendar:
      record.hours.length === 0
        ? undefined
        : { timeZone: settings.timeZone, hours: record.hours, days: record.days },
    ...createDutyRoster(record.responders, record.shifts, settings.timeZone),
    gridOf,
    locate: locateHere,
    locateEvent: (event) => locateEvent(event, locateHere),
    findArea: (code) => areas.get(code),
    hasDepartment: (code) => departments.has(code),
    whyDisabled: (code) => disabled.get(code),
    routeOf: createRouting(record.routing ?? []),
    unitsOf: (department) => units.get(department) ?? [],
    findCamera: (nodeId, cameraId) => cameras.get(cameraRefOf(nodeId, cameraId)),
    judge: (nodeId, cameraId, eventType) =>
      judge(cameras.get(cameraRefOf(nodeId, cameraId)), eventType),
    neighboursOf: (nodeId, cameraId) => neighbours.get(cameraRefOf(nodeId, cameraId)) ?? [],
    cameraGraph: createCameraGraph(
      record.neighbours.map(({ from, to, minS, maxS }) => ({
        ...{ from, to },
        ...{ minMs: minS * 1000, maxMs: maxS * 1000 },
      })),
    ),
    dueFilings: dueFilingsOf(record),
  };
}

function locate(
  { lat, lon, crs, gridCode }: Location,
  isGrid: (code: string) => boolean,
  gridOf: Town["gridOf"],
): LocatedGrid {
  if (gridCode !== undefined && isGrid(gridCode)) {
    return { gridCode, how: "named" };
  }
  const claimed = gridCode === undefined ? {} : { claimed: gridCode };
  const place = crs === "GCJ02" ? fromGcj02({ lat, lon }) : { lat, lon };
  const hit = gridOf(place.lat, place.lon);
  if (hit === undefined) {
    return { gridCode: null, how: "outside", ...claimed };
  }
  const found = { gridCode: hit.code as GridCode, ...claimed };
  return hit.distanceM === 0
    ? { ...found, how: "point" }
    : { ...found, how: "nearest", distanceM: hit.distanceM };
}

function locateEvent(event: IncidentEvent, locateHere: Town["locate"]): LocatedEvent {
  const { location } = event.data;
  const grid = locateHere(location);
  if (grid.how === "named") {
    return { event, grid };
  }
  const located = { ...location };
  if (grid.gridCode === null) {
    delete located.gridCode;
  } else {
    located.gridCode = grid.gridCode;
  }
  return { event: { ...event, data: { ...event.data, location: located } }, grid };
}

function judge(camera: RegisteredCamera | undefined, eventType: string): Registration {
  if (camera === undefined) {
    return "unregistered";
  }
  if (!camera.active) {
    return "inactive";
  }
  const isOwn = camera.eventTypes.some((code) => code === eventType);
  return isOwn || purposeClassOf(eventType) === "device-health" ? "permitted" : "not-its-purpose";
}

function dueFilingsOf({ cameras, settings }: TownRecord): Town["dueFilings"] {
  const due = cameras
    .flatMap((camera) => {
      const dueOn = filingDueOn(camera);
      return dueOn === null ? [] : [{ camera: cameraRefOf(camera.nodeId, camera.cameraId), dueOn }];
    })
    .sort((a, b) => (a.dueOn < b.dueOn ? -1 : 1));
  const localTime = createLocalClock(settings.timeZone);
  return (at) => {
    const today = localTime(at).date;
    return due.map((filing) => ({ ...filing, overdue: filing.dueOn < today }));
  };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    group.push(item);
    groups.set(keyOf(item), group);
  }
  return groups;
}
