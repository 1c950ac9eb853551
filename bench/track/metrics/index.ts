/** HOTA, CLEAR and identity scores of tracks, as TrackEval computes them. Pure. */
export { assignLargest } from "./assignment.ts";
export type { Frames, ResultBox, TruthBox } from "./boxes.ts";
export { combine, evaluateSequence } from "./scores.ts";
export type { Scores } from "./scores.ts";
