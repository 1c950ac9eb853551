/** The list of cameras: how each is, which come first, and what a search finds. */
import type { CameraItem } from "../../../protocol/index.ts";
import type { CameraRef } from "./camera-api.ts";

/** From the worst to the best. `stopped`: analysis is switched off by hand. */
export const CONDITIONS = ["trouble", "refused", "stopped", "waiting", "well", "idle"] as const;
export type Condition = (typeof CONDITIONS)[number];

/** `ended` is a file that has been played: nothing is wrong with it. */
const WELL: readonly CameraItem["state"][] = ["live", "ended"];

export function conditionOf(camera: CameraItem): Condition {
  if (!camera.active || !camera.registered) {
    return "idle";
  }
  if (camera.node !== "up" || !WELL.includes(camera.state)) {
    return "trouble";
  }
  if (camera.refused !== null) {
    return "refused";
  }
  if (!camera.wanted.analysed) {
    return "stopped";
  }
  return isWaiting(camera) ? "waiting" : "well";
}

/** The node has not taken over what is wanted yet. */
export function isWaiting({ wanted, inForce, refused }: CameraItem): boolean {
  return refused === null && wanted.version !== (inForce?.version ?? 0);
}

export type CameraFilter = "all" | Condition;

export interface FilterCount {
  readonly filter: CameraFilter;
  readonly count: number;
}

/** All, and every condition that some camera is in. */
export function countConditions(cameras: readonly CameraItem[]): readonly FilterCount[] {
  const conditions = cameras.map(conditionOf);
  return [
    { filter: "all" as const, count: cameras.length },
    ...CONDITIONS.map((filter) => ({
      filter,
      count: conditions.filter((condition) => condition === filter).length,
    })).filter(({ count }) => count > 0),
  ];
}

/** The worst first; then by name. */
export function listCameras(
  cameras: readonly CameraItem[],
  filter: CameraFilter,
  query: string,
): readonly CameraItem[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return cameras
    .filter((camera) => filter === "all" || conditionOf(camera) === filter)
    .filter((camera) => {
      const text = searchText(camera);
      return words.every((word) => text.includes(word));
    })
    .sort(
      (a, b) =>
        CONDITIONS.indexOf(conditionOf(a)) - CONDITIONS.indexOf(conditionOf(b)) ||
        a.name.localeCompare(b.name) ||
        a.ref.localeCompare(b.ref),
    );
}

function searchText(camera: CameraItem): string {
  const { name, ref, gridCode, purposes, reason } = camera;
  return [name, ref, gridCode ?? "", ...purposes, reason ?? ""].join("\n").toLowerCase();
}

/** The part of the page's address that names a camera: ids have no `~`. */
export function partOf({ nodeId, cameraId }: CameraRef): string {
  return `${nodeId}~${cameraId}`;
}

export function refOf(part: string): CameraRef | null {
  const [nodeId, cameraId, ...rest] = part.split("~");
  return nodeId === undefined ||
    nodeId === "" ||
    cameraId === undefined ||
    cameraId === "" ||
    rest.length > 0
    ? null
    : { nodeId, cameraId };
}
