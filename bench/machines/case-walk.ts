/**
 * Random commands to one case and its whistles, held against a ledger that knows the rules by
 * itself: from the written table of states and from what the accepted commands said.
 */
import {
  type CaseEffect,
  caseTimers,
  type CaseRecord,
  clockSpans,
  decideCase,
  decideWhistle,
  delivered,
  dueAt,
  elapsedMs,
  endWhistle,
  blowWhistle,
  fireCaseTimer,
  fireWhistleTimer,
  openRecord,
  openWhistle,
  raise,
  standingOf,
  unmetParties,
  type WhistleRecord,
  type WorkTime,
} from "../../brain/cases/index.ts";
import {
  type Actor,
  AppError,
  caseCommandSchema,
  type CaseState,
  serviceLevelSchema,
} from "../../protocol/index.ts";
import { CaseLedger } from "./case-ledger.ts";
import {
  actorFor,
  pick,
  randomCall,
  randomCommand,
  randomWhistleCommand,
  whistleActorFor,
} from "./commands.ts";

export interface WalkResult {
  readonly accepted: number;
  readonly refused: number;
  readonly visited: ReadonlySet<CaseState>;
  readonly whistleStates: ReadonlySet<string>;
  readonly closures: number;
}

export interface WalkInput {
  readonly random: () => number;
  readonly steps: number;
  readonly work: WorkTime;
  readonly start: number;
}

const CODE = "good-code";

/** @throws Error with the whole way when a rule is broken. */
export function walkCase({ random, steps, work, start }: WalkInput): WalkResult {
  const walk = new Walk(random, work, start);
  for (let step = 0; step < steps; step += 1) {
    walk.step();
  }
  return walk.result;
}

class Walk {
  readonly #random: () => number;
  readonly #work: WorkTime;
  readonly #ledger: CaseLedger;
  readonly #whistles: { id: string; record: WhistleRecord }[] = [];
  readonly #elapsed = new Map<string, number>();
  readonly #due = new Map<string, number>();
  readonly #visited = new Set<CaseState>();
  readonly #whistleStates = new Set<string>();
  readonly #path: string[] = [];
  #record: CaseRecord;
  #now: number;
  #accepted = 0;
  #refused = 0;

  constructor(random: () => number, work: WorkTime, start: number) {
    this.#random = random;
    this.#work = work;
    this.#now = start;
    const serviceLevel = pick(random, serviceLevelSchema.options);
    const automatic = random() < 0.5;
    this.#record = freeze(
      openRecord({
        state: automatic ? "FILED" : "REPORTED",
        serviceLevel,
        lead: "CG",
        onset: start - 1_000,
        reportedAt: start,
        filedAt: automatic ? start : null,
        dispatchedAt: null,
        acceptedAt: null,
        containedAt: null,
      }),
    );
    this.#ledger = new CaseLedger(serviceLevel, this.#record.state);
  }

  get result(): WalkResult {
    return {
      accepted: this.#accepted,
      refused: this.#refused,
      visited: this.#visited,
      whistleStates: this.#whistleStates,
      closures: this.#ledger.closures,
    };
  }

  step(): void {
    // Mostly minutes pass; now and then days, so that clocks run out and reviews end.
    this.#now += Math.floor(this.#random() * (this.#random() < 0.05 ? 4 * 86_400_000 : 600_000));
    const dice = this.#random();
    try {
      if (dice < 0.1) {
        this.#fire();
      } else if (dice < 0.16) {
        this.#deliver();
      } else if (dice < 0.2 || this.#openWhistle !== undefined) {
        this.#whistle();
      } else {
        this.#command();
      }
      this.#accepted += 1;
    } catch (error) {
      if (!(error instanceof AppError)) {
        throw new Error(`${String(error)}\nafter:\n${this.#path.slice(-40).join("\n")}`, {
          cause: error,
        });
      }
      this.#refused += 1;
    }
    this.#guard(() => this.#checkClocks());
  }

  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      throw new Error(`${String(error)}\nafter:\n${this.#path.slice(-40).join("\n")}`, {
        cause: error,
      });
    }
  }

  get #openWhistle(): { id: string; record: WhistleRecord } | undefined {
    return this.#record.state === "WHISTLED" && this.#random() < 0.8
      ? this.#whistles.at(-1)
      : undefined;
  }

  #command(): void {
    const command = caseCommandSchema.parse(randomCommand(this.#random, this.#record, this.#now));
    const actor = actorFor(this.#random, command.kind, this.#record);
    const outcome = decideCase(this.#record, command, { actor, now: this.#now });
    this.#path.push(`${actor.role}:${actor.id} ${JSON.stringify(command)}`);
    this.#ledger.command(command, actor, this.#now, this.#record, outcome.record);
    this.#take(outcome.record, outcome.effects);
  }

  #deliver(): void {
    const department = this.#random() < 0.8 ? this.#record.lead : "XF";
    const outcome = delivered(this.#record, department, this.#now);
    this.#path.push(`delivered ${department}`);
    this.#ledger.moved(this.#record, outcome.record);
    this.#take(outcome.record, outcome.effects);
  }

  #fire(): void {
    const timers = caseTimers(this.#record, this.#work);
    if (timers.length === 0) {
      return;
    }
    const timer = pick(this.#random, timers);
    this.#now = Math.max(this.#now, timer.dueAt);
    const context = { work: this.#work, now: this.#now, coDepartments: ["GA", "XF"] };
    const outcome = fireCaseTimer(this.#record, timer.kind, context);
    this.#path.push(`fire ${timer.kind}`);
    this.#ledger.fired(timer.kind, this.#record, outcome.record);
    this.#take(outcome.record, outcome.effects);
  }

  #whistle(): void {
    const current = this.#whistles.at(-1);
    if (current === undefined || this.#random() < 0.1) {
      this.#blow(whistleActorFor(this.#random, { kind: "call-off", reason: "blow" }));
      return;
    }
    if (this.#random() < 0.1) {
      const fired = fireWhistleTimer(current.record, this.#work, this.#now);
      this.#take(raise(this.#record, fired.escalateTo ?? 0, "silence").record, []);
      this.#setWhistle(current.id, fired.record);
      return;
    }
    const command = randomWhistleCommand(this.#random, current.record, CODE);
    const actor = whistleActorFor(this.#random, command);
    const context = {
      actor,
      now: this.#now,
      isValidCode: (code: string) => code === CODE,
      work: this.#work,
    };
    const outcome = decideWhistle(current.record, command, context);
    this.#path.push(`whistle ${actor.role}:${actor.id} ${JSON.stringify(command)}`);
    this.#ledger.whistleCommand(current.id, command, actor, current.record, outcome.record);
    this.#setWhistle(current.id, outcome.record);
    if (outcome.ended) {
      const after = endWhistle(this.#record);
      this.#ledger.moved(this.#record, after.record);
      this.#take(after.record, after.effects);
    }
  }

  #blow(actor: Actor): void {
    const outcome = blowWhistle(this.#record, { actor, now: this.#now });
    const id = `w${this.#whistles.length}`;
    const record = openWhistle(randomCall(this.#random), actor, this.#now, this.#work);
    this.#path.push(`blow ${actor.role}:${actor.id} ${record.kind}`);
    this.#ledger.blown(id, record);
    this.#ledger.moved(this.#record, outcome.record);
    this.#whistles.push({ id, record: freeze(record) });
    this.#take(outcome.record, outcome.effects);
  }

  #setWhistle(id: string, record: WhistleRecord): void {
    const entry = this.#whistles.find((one) => one.id === id);
    if (entry !== undefined) {
      entry.record = freeze(record);
      this.#whistleStates.add(record.state);
      this.#guard(() => this.#ledger.checkUnmet(id, unmetParties(record)));
    }
    this.#take(this.#record, []);
  }

  #take(record: CaseRecord, effects: readonly CaseEffect[]): void {
    if (effects.some(({ kind }) => kind === "call-off-whistles")) {
      for (const whistle of this.#whistles) {
        if (standingOf(whistle.id, whistle.record).open) {
          whistle.record = freeze({ ...whistle.record, state: "CALLED_OFF" });
          this.#ledger.calledOff(whistle.id);
        }
      }
    }
    const whistles = this.#whistles.map(({ id, record: whistle }) => standingOf(id, whistle));
    this.#record = freeze({ ...record, whistles });
    this.#visited.add(record.state);
  }

  /** Counted time never falls, a due moment never comes nearer, and every open case has a clock or a date. */
  #checkClocks(): void {
    for (const span of clockSpans(this.#record)) {
      const key = `${span.clock}@${span.startedAt}`;
      const elapsed = elapsedMs(this.#work, span, this.#now);
      if (elapsed < (this.#elapsed.get(key) ?? 0)) {
        throw new Error(`the clock ${key} went back to ${elapsed}`);
      }
      this.#elapsed.set(key, elapsed);
      const due = dueAt(this.#work, span, 100);
      if (due !== null && due < (this.#due.get(key) ?? 0)) {
        throw new Error(`the end of ${key} came nearer`);
      }
      if (due !== null) {
        this.#due.set(key, due);
      }
    }
    const { state } = this.#record;
    const isOver = ["REJECTED", "MERGED", "ARCHIVED"].includes(state);
    const runs = clockSpans(this.#record).some((span) => span.stoppedAt === null);
    const waits = runs || caseTimers(this.#record, this.#work).length > 0;
    if (!isOver && !waits) {
      throw new Error(`nothing waits for a case in ${state}`);
    }
  }
}

/** A machine that changes its input in place is found at once. */
function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) {
      freeze(inner);
    }
  }
  return value;
}
