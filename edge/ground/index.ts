/** The ground of a calibrated camera: picture ↔ metres ↔ position on the map. Pure. */
export { areaM2, createGround } from "./ground.ts";
export type { Ground, PointM } from "./ground.ts";
export { positionOf } from "./position.ts";
