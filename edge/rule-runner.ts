/**
 * One rule of one camera at work: its signals become steps of alarms with ids that last over a
 * restart, and it rests outside its schedule and while somebody has paused it.
 */
import type { RuleConfig } from "../config/index.ts";
import type { AlarmId, EpochMs, Phase } from "../protocol/index.ts";
import type { OpenAlarm } from "./open-alarms.ts";
import {
  createRule,
  isOnSchedule,
  type AlarmSignal,
  type AlarmSubject,
  type Measures,
  type Rule,
  type RuleSurroundings,
  type Scene,
} from "./rules/index.ts";
import type { PictureState } from "./gate/index.ts";

export interface RunnerOptions {
  readonly config: RuleConfig;
  readonly surroundings: RuleSurroundings;
  readonly timeZone: string;
  readonly newId: () => string;
  /** Open when the node went down, until it is taken up again or ended. */
  readonly orphan: OpenAlarm | undefined;
  readonly startedAt: EpochMs;
}

export interface RuleStep {
  readonly rule: RuleConfig;
  readonly alarmId: AlarmId;
  readonly phase: Phase;
  /** It begins in this frame, or is taken up again after a restart. */
  readonly isBegin?: true;
  readonly onset: EpochMs;
  readonly endedAt?: EpochMs;
  readonly object?: AlarmSubject;
  readonly measures?: Measures;
}

/** After a restart, an alarm that begins within this time goes on as the one that was open. */
const RESUME_MS = 30_000;

export class RuleRunner {
  readonly #options: RunnerOptions;
  readonly #rule: Rule;
  /** Rule's key of an alarm → the alarm. */
  readonly #alarms = new Map<number, { readonly alarmId: AlarmId; readonly onset: EpochMs }>();
  #orphan: OpenAlarm | undefined;
  #isOn = true;
  #isResting = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#rule = createRule(options.config, options.surroundings);
    this.#orphan = options.orphan;
  }

  get config(): RuleConfig {
    return this.#options.config;
  }

  get watchesPicture(): boolean {
    return this.#rule.watch !== undefined;
  }

  /** Nothing is judged, as outside the schedule. */
  get isResting(): boolean {
    return this.#isResting;
  }

  /** Ends what is under way; what the rule has counted stays. */
  rest(at: EpochMs): readonly RuleStep[] {
    this.#isResting = true;
    const steps = this.#run(at, () => []);
    const left = [...this.#alarms.values()].map((alarm) => ({
      ...{ rule: this.config, ...alarm, phase: "end" as const, endedAt: at },
    }));
    this.#alarms.clear();
    return [...steps, ...left];
  }

  wake(): void {
    this.#isResting = false;
  }

  counts(): Measures {
    return this.#rule.counts?.() ?? {};
  }

  evaluate(scene: Scene): readonly RuleStep[] {
    return this.#run(scene.at, () => this.#rule.evaluate(scene));
  }

  watch(picture: PictureState): readonly RuleStep[] {
    return this.#run(picture.at, () => this.#rule.watch?.(picture) ?? []);
  }

  miss(at: EpochMs, lastFrameAt: EpochMs): readonly RuleStep[] {
    return this.#run(at, () => this.#rule.miss?.(at, lastFrameAt) ?? []);
  }

  #run(at: EpochMs, judge: () => readonly AlarmSignal[]): readonly RuleStep[] {
    const { config, timeZone } = this.#options;
    const wasOn = this.#isOn;
    this.#isOn = !this.#isResting && isOnSchedule(config.schedule, at, timeZone);
    const signals = this.#isOn ? judge() : wasOn ? (this.#rule.end?.(at) ?? []) : [];
    const steps = signals.flatMap((signal) => this.#step(signal));
    const orphan = this.#endOrphan(at);
    return orphan === undefined ? steps : [...steps, orphan];
  }

  #step(signal: AlarmSignal): readonly RuleStep[] {
    const rule = this.config;
    if (signal.kind === "begin") {
      const { key, onset, object, measures } = signal;
      const resumed = this.#resume(onset);
      const alarm = resumed ?? { alarmId: this.#options.newId() as AlarmId, onset };
      this.#alarms.set(key, alarm);
      const phase = resumed === undefined ? "new" : "update";
      return [{ rule, ...alarm, phase, isBegin: true, ...defined({ object, measures }) }];
    }
    const alarm = this.#alarms.get(signal.key);
    if (alarm === undefined) {
      return [];
    }
    if (signal.kind === "update") {
      const { object, measures } = signal;
      return [{ rule, ...alarm, phase: "update", ...defined({ object, measures }) }];
    }
    this.#alarms.delete(signal.key);
    return [{ rule, ...alarm, phase: "end", endedAt: signal.endedAt }];
  }

  #resume(onset: EpochMs): { alarmId: AlarmId; onset: EpochMs } | undefined {
    const orphan = this.#orphan;
    const { startedAt } = this.#options;
    if (orphan === undefined || !goesOn(this.config) || onset - startedAt > RESUME_MS) {
      return undefined;
    }
    this.#orphan = undefined;
    return { alarmId: orphan.alarmId, onset: orphan.onset };
  }

  #endOrphan(at: EpochMs): RuleStep | undefined {
    const orphan = this.#orphan;
    if (orphan === undefined) {
      return undefined;
    }
    const mayGoOn = goesOn(this.config) && at - this.#options.startedAt <= RESUME_MS;
    if (mayGoOn && !this.#isResting) {
      return undefined;
    }
    this.#orphan = undefined;
    const { alarmId, onset, lastSeen } = orphan;
    return { rule: this.config, alarmId, phase: "end", onset, endedAt: lastSeen };
  }
}

/** Whether a happening can last over a restart: a crossing is over as soon as it is seen. */
function goesOn({ kind }: RuleConfig): boolean {
  return kind !== "line-crossing" && kind !== "tailgating" && kind !== "thrown-object";
}

function defined(facts: {
  readonly object: AlarmSubject | undefined;
  readonly measures: Measures | undefined;
}): Pick<RuleStep, "object" | "measures"> {
  return {
    ...(facts.object === undefined ? {} : { object: facts.object }),
    ...(facts.measures === undefined ? {} : { measures: facts.measures }),
  };
}
