/**
 * The scene language of the golden scenarios. Actors of real size follow a path on the ground
 * (metres: x to the right of the camera, y ahead of it); a pin-hole camera projects them to boxes;
 * occluders and nearer actors hide them; a seed adds jitter, dropped, unsure and false detections.
 * The real tracker and rule judge it, at any rate, and the scenario states the alarms it expects:
 *
 * ```ts
 * // test/edge/rules/golden/loitering.ts — the file is named by the rule's kind
 * import { from, person, post, type Scenario } from "../../../support/scenes/index.ts";
 *
 * export const scenarios: readonly Scenario[] = [
 *   {
 *     name: "alarms once for a man who waits behind and beside a post",
 *     durationS: 60,
 *     rule: (camera) => ({
 *       kind: "loitering",
 *       zone: camera.area(-4, 4, 12, 20), // x from, to, y from, to; on the ground
 *       dwellS: 30,
 *     }),
 *     isCalibrated: false, // true: the rule gets a Ground
 *     actors: [
 *       // Comes at 1 s from 10 m left, walks (1.4 m/s) to (0, 15), stays 40 s, runs away.
 *       person("anna", from([-10, 15], 1).to([0, 15]).stay(40).to([10, 15], 4)),
 *     ],
 *     occluders: [post(0.5, 10)],
 *     alarms: [{ onsetS: 5.3, endS: 49.1, object: "anna" }], // [] is silence
 *   },
 * ];
 * ```
 *
 * Paths: `from(place, startS, z)`, `.to(place, speedMps)`, `.toIn(place, s)`, `.stay(s)`,
 * `.until(timeS)`, `.lie(s, headingDeg)`, `.crouch(s)`, `.rise()`, `.fly([right, ahead, up])`
 * (free flight down to the ground), `.shifted([dx, dy], laterS)`. They are immutable: a bag shares
 * the start of its carrier's path. `play` and `judge` run one scenario outside of the test.
 *
 * Rules with `watch` get a PictureState of every camera frame (10 a second), as the gate tells it:
 * actors that move are `moving`, also unnamed ones (`thing`) that give no detections; 3 s after the
 * last motion there, the place of who came and stands still is a change, and so is the place of what
 * stood there at the start and has gone. Quality, frozen pictures (told after a minute), lost ones
 * and further changes are scripted in `picture`.
 */
export { actor, car, person, post, thing, van, wall } from "./actor.ts";
export type { Actor, Occluder } from "./actor.ts";
export { Camera } from "./camera.ts";
export type { CameraPlace } from "./camera.ts";
export { loadGolden, RATES, Score, scoreWithNoise } from "./golden.ts";
export { from, Path } from "./path.ts";
export type { PictureScript } from "./picture.ts";
export { play } from "./play.ts";
export type { Played, PlayedAlarm, PlayOptions } from "./play.ts";
export type { ExpectedAlarm, RuleInput, Scenario } from "./scenario.ts";
export { judge } from "./verdict.ts";
export type { Verdict } from "./verdict.ts";
export { MIRRORED, SHRUNK, UNCHANGED } from "./view-change.ts";
export type { ViewChange } from "./view-change.ts";
