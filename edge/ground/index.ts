/** The ground of a calibrated camera: picture ↔ metres ↔ position on the map. Pure. */
export { createGround } from "./ground.ts";
export type { Ground, PointM } from "./ground.ts";
