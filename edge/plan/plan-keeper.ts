/** Keeps every camera's plan: checks what the control room sends, puts it in force, remembers it. */
import type { CameraConfig, RuleConfig } from "../../config/index.ts";
import {
  AppError,
  PermanentError,
  toProblem,
  TransientError,
  type CameraId,
  type CameraPlan,
  type PlannedRule,
  type PlanState,
} from "../../protocol/index.ts";
import { PlanFile, type PlanLog } from "./plan-file.ts";
import { checkRules, rulesOfFile, rulesOfPlan, type RulesInForce } from "./rules-in-force.ts";

export interface PlanKeeperOptions {
  readonly dataDir: string;
  readonly cameras: readonly CameraConfig[];
  /** Classes that the model tells apart. */
  readonly labels: readonly string[];
  readonly log: PlanLog;
  /** Puts rules in force in the running camera. */
  readonly onChange: (camera: CameraId, rules: RulesInForce) => void;
}

interface Kept {
  readonly config: CameraConfig;
  plan: CameraPlan | undefined;
  rules: RulesInForce;
  refused: PlanState["refused"];
}

export class PlanKeeper {
  readonly #options: PlanKeeperOptions;
  readonly #file: PlanFile;
  readonly #labels: ReadonlySet<string>;
  readonly #cameras: ReadonlyMap<string, Kept>;
  /** Plans of cameras that the configuration has no more: they may come back. */
  readonly #others: readonly CameraPlan[];

  constructor(options: PlanKeeperOptions) {
    this.#options = options;
    this.#labels = new Set(options.labels);
    this.#file = new PlanFile(options.dataDir, options.log);
    const plans = this.#file.read();
    this.#cameras = new Map(
      options.cameras.map((config) => {
        const rules = rulesOfFile(config);
        return [config.id, { config, plan: undefined, rules, refused: undefined }] as const;
      }),
    );
    this.#others = plans.filter(({ camera }) => !this.#cameras.has(camera));
    for (const plan of plans) {
      this.#restore(plan);
    }
  }

  /** @throws PermanentError CAMERA_UNKNOWN */
  of(camera: string): RulesInForce {
    return this.#kept(camera).rules;
  }

  /** @throws PermanentError CAMERA_UNKNOWN */
  configOf(camera: string): CameraConfig {
    return this.#kept(camera).config;
  }

  states(): PlanState[] {
    return [...this.#cameras.values()].map(({ config, rules, refused }) => ({
      camera: config.id,
      version: rules.version,
      ...(refused === undefined ? {} : { refused }),
    }));
  }

  /** Of all cameras, resting ones included. */
  rules(): readonly RuleConfig[] {
    return [...this.#cameras.values()].flatMap(({ rules }) => rules.rules);
  }

  /** @throws PermanentError PLAN_INVALID, CAMERA_UNKNOWN */
  check(camera: string, rule: PlannedRule): RuleConfig {
    return checkRules(this.#kept(camera).config, [rule], this.#labels)[0] as RuleConfig;
  }

  /** What cannot be used is refused, and the plan before stays in force. */
  take(plans: readonly CameraPlan[]): void {
    for (const plan of plans) {
      this.#take(plan);
    }
  }

  #take(plan: CameraPlan): void {
    const kept = this.#cameras.get(plan.camera);
    const { log } = this.#options;
    if (kept === undefined) {
      log.warn({ camera: plan.camera, version: plan.version }, "a plan is for no camera of ours");
      return;
    }
    try {
      const rules = rulesOfPlan(kept.config, plan, this.#labels);
      this.#write(plan);
      kept.plan = plan;
      kept.rules = rules;
      kept.refused = undefined;
    } catch (error) {
      this.#refuse(kept, plan, error);
      return;
    }
    const { version, analysed, paused } = plan;
    log.info({ camera: plan.camera, version, analysed, paused }, "a plan is in force");
    this.#options.onChange(kept.config.id, kept.rules);
  }

  #refuse(kept: Kept, { version }: CameraPlan, error: unknown): void {
    const refusal =
      error instanceof AppError
        ? error
        : new TransientError("INTERNAL", "The plan cannot be kept on disk", {}, error);
    const wasTold = kept.refused?.version === version;
    kept.refused = { version, problem: toProblem(refusal) };
    if (!wasTold) {
      const inForce = kept.rules.version;
      const fields = { camera: kept.config.id, version, inForce, ...kept.refused.problem };
      this.#options.log.warn(fields, "a plan is refused: the one before stays in force");
    }
  }

  #restore(plan: CameraPlan): void {
    const kept = this.#cameras.get(plan.camera);
    if (kept === undefined) {
      return;
    }
    kept.plan = plan;
    try {
      kept.rules = rulesOfPlan(kept.config, plan, this.#labels);
    } catch (error) {
      // The camera's file changed under it: its own rules hold, but a camera switched off stays so.
      kept.rules = { ...rulesOfFile(kept.config), analysed: plan.analysed };
      this.#refuse(kept, plan, error);
    }
  }

  #write(plan: CameraPlan): void {
    const plans = [...this.#cameras.values()].flatMap((one) =>
      one.config.id === plan.camera ? [plan] : one.plan === undefined ? [] : [one.plan],
    );
    this.#file.write([...this.#others, ...plans]);
  }

  #kept(camera: string): Kept {
    const kept = this.#cameras.get(camera);
    if (kept === undefined) {
      throw new PermanentError("CAMERA_UNKNOWN", "The node has no such camera", { got: camera });
    }
    return kept;
  }
}
