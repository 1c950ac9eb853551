/** A scripted scene, the rule that judges it, and the alarms it has to give. */
import type { z } from "zod";
import { ruleSchema, type RuleConfig } from "../../../config/index.ts";
import type { Actor, Occluder } from "./actor.ts";
import { Camera } from "./camera.ts";
import type { PictureScript } from "./picture.ts";

type Without<T, Keys extends PropertyKey> = T extends unknown ? Omit<T, Keys> : never;
/** A rule's configuration; its id and event type mean nothing here. */
export type RuleInput = Without<z.input<typeof ruleSchema>, "id" | "eventType">;

export interface ExpectedAlarm {
  /** Seconds of the scene; the first frame of the cause. */
  readonly onsetS: number;
  /** How far the onset may be off, besides one frame interval; 0.3 when left out. */
  readonly toleranceS?: number;
  /** Last frame of the cause, or `open` when the scene ends before; unchecked when left out. */
  readonly endS?: number | "open";
  /** Name of the actor that the alarm's first step has to show. */
  readonly object?: string;
  /** Figures that the alarm has told last, exactly (only checked without noise). */
  readonly measures?: Readonly<Record<string, number>>;
}

export interface Scenario {
  /** As a test's name: "is silent for a car that stops 20 s". */
  readonly name: string;
  readonly durationS: number;
  /** A camera on a 6 m mast when left out. */
  readonly camera?: Camera;
  /** Zones and lines are best given on the ground: `camera.area(…)`, `camera.line(…)`. */
  readonly rule: (camera: Camera) => RuleInput;
  /** Whether the rule knows metres. */
  readonly isCalibrated?: boolean;
  readonly actors: readonly Actor[];
  readonly occluders?: readonly Occluder[];
  readonly picture?: PictureScript;
  /** It is about the picture's border, so that it is not the same in a part of a picture. */
  readonly isAtBorder?: boolean;
  /** All alarms of the scene; none means silence. */
  readonly alarms: readonly ExpectedAlarm[];
  /** What the rule's `counts()` has to say in the end. */
  readonly counts?: Readonly<Record<string, number>>;
}

export const cameraOf = ({ camera }: Scenario): Camera => camera ?? DEFAULT_CAMERA;
const DEFAULT_CAMERA = new Camera();

export function configOf(scenario: Scenario): RuleConfig {
  return ruleSchema.parse({
    id: "golden",
    eventType: "SEC.INTRUDE",
    ...scenario.rule(cameraOf(scenario)),
  });
}
