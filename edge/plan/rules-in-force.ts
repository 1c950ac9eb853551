/** Which rules of a camera are at work, and whether it is analysed at all. */
import { fromZodError, PermanentError } from "../../protocol/index.ts";
import type { CameraPlan, PlannedRule, PointNorm } from "../../protocol/index.ts";
import { cameraSchema, type CameraConfig, type RuleConfig } from "../../config/index.ts";

export interface RulesInForce {
  /** Of the plan behind it; 0 is the node's own file. */
  readonly version: number;
  /** False: the camera's stream stays connected and nobody looks at its pictures. */
  readonly analysed: boolean;
  /** Ids of rules that rest; ids of no rule mean nothing. */
  readonly paused: ReadonlySet<string>;
  readonly rules: readonly RuleConfig[];
}

/** Smaller zones and shorter lines are slips of the hand, in picture fractions. */
const LEAST_AREA = 1e-5;
const LEAST_LENGTH = 1e-3;

/** What the node's own file says. */
export function rulesOfFile(camera: CameraConfig): RulesInForce {
  return { version: 0, analysed: true, paused: new Set(), rules: camera.rules };
}

/**
 * @param labels classes that the model tells apart.
 * @throws PermanentError PLAN_INVALID
 */
export function rulesOfPlan(
  camera: CameraConfig,
  plan: CameraPlan,
  labels: ReadonlySet<string>,
): RulesInForce {
  const { version, analysed, paused } = plan;
  const rules = plan.rules === null ? camera.rules : checkRules(camera, plan.rules, labels);
  return { version, analysed, paused: new Set(paused), rules };
}

/**
 * Checks rules as the configuration file's are checked, with the camera that they are for; what
 * follows looks for what only somebody who draws gets wrong.
 * @throws PermanentError PLAN_INVALID, with the rule's place in the list.
 */
export function checkRules(
  camera: CameraConfig,
  planned: readonly PlannedRule[],
  labels: ReadonlySet<string>,
): readonly RuleConfig[] {
  const parsed = cameraSchema.safeParse({ ...camera, rules: planned }, { reportInput: true });
  if (!parsed.success) {
    throw fromZodError("PLAN_INVALID", `The plan of camera ${camera.id}`, parsed.error);
  }
  const { rules } = parsed.data;
  rules.forEach((rule, index) => {
    const where = `rules.${String(index)}`;
    if (rules.findIndex((one) => one.id === rule.id) !== index) {
      throw invalid(`${where}.id`, "ids that differ", `${rule.id} twice`);
    }
    checkPlace(rule, where);
    checkClasses(rule, labels, where);
  });
  return rules;
}

function checkPlace(rule: RuleConfig, where: string): void {
  if ("zone" in rule && rule.zone !== undefined && areaOf(rule.zone) < LEAST_AREA) {
    throw invalid(`${where}.zone`, "corners around an area", "corners in one line");
  }
  const line = "line" in rule ? rule.line : "allowed" in rule ? rule.allowed : undefined;
  if (line !== undefined) {
    const [from, to] = line;
    if (Math.hypot(to[0] - from[0], to[1] - from[1]) < LEAST_LENGTH) {
      const name = "line" in rule ? "line" : "allowed";
      throw invalid(`${where}.${name}`, "two ends that lie apart", "one point twice");
    }
  }
}

function checkClasses(rule: RuleConfig, labels: ReadonlySet<string>, where: string): void {
  const unknown = "classes" in rule ? rule.classes.find((label) => !labels.has(label)) : undefined;
  if (unknown !== undefined) {
    throw invalid(`${where}.classes`, `one of ${[...labels].join(", ")}`, unknown);
  }
}

function invalid(where: string, expected: string, got: string): PermanentError {
  return new PermanentError("PLAN_INVALID", "The plan cannot be used", { where, expected, got });
}

/** Of a polygon whose sides may not cross, in picture fractions. */
function areaOf(polygon: readonly PointNorm[]): number {
  const twice = polygon.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = polygon[(index + 1) % polygon.length] as PointNorm;
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}
