/** Evidence: the pictures that prove an alarm. */
export type { Overlay } from "./overlay.ts";
export { copyPicture, takeSnapshot } from "./snapshot.ts";
export type { Picture, Snapshot } from "./snapshot.ts";
