/**
 * What somebody may do next to a case. The machine itself is asked, with a well-formed command of
 * each kind, so that nothing is offered that it would refuse and nothing is missing that it takes.
 */
import {
  type Actor,
  AppError,
  type CaseAction,
  type CaseCommand,
  type CaseCommandKind,
  caseCommandSchema,
  type EpochMs,
  formatTime,
} from "../../protocol/index.ts";
import type { CaseRecord } from "./case-record.ts";
import { decideCase } from "./decide-case.ts";
import { blowWhistle } from "./overlay.ts";

export interface AllowedAction {
  readonly kind: CaseAction;
  /** In which capacity; null where the action knows none. */
  readonly actor: Actor | null;
  readonly filesFirst: boolean;
}

const KINDS: readonly CaseCommandKind[] = caseCommandSchema.options.map(
  ({ shape }) => shape.kind.value,
);
const OTHER_CASE = "00000000-0000-4000-8000-000000000000";
const DAY_MS = 86_400_000;

/** A command of the kind with nothing wrong in itself: what is refused then is the move. */
export function sampleCommand(
  kind: CaseCommandKind,
  { lead }: CaseRecord,
  now: EpochMs,
): CaseCommand {
  const reason = "sample";
  const given: Readonly<Record<string, object>> = {
    reject: { code: "false-alarm" },
    merge: { into: OTHER_CASE },
    file: { standard: "sample" },
    dispatch: { lead },
    rule: { lead, reason },
    return: { reason },
    handle: { note: "sample" },
    suspend: { reason, until: formatTime(now + DAY_MS) },
    "refuse-suspension": { reason },
    fail: { reason },
    evaluate: { responded: true, solved: true, satisfaction: 5 },
    reopen: { reason },
    cancel: { reason },
    escalate: { reason },
    supervise: { light: "yellow", reason },
  };
  return caseCommandSchema.parse({ kind, ...given[kind] });
}

/** @param actors every capacity that somebody has, the preferred one first. */
export function allowedActions(
  record: CaseRecord,
  actors: readonly Actor[],
  now: EpochMs,
): AllowedAction[] {
  const allowed: AllowedAction[] = KINDS.flatMap((kind) => {
    const command = sampleCommand(kind, record, now);
    const actor = actors.find((one) => after(record, command, one, now) !== null);
    return actor === undefined ? [] : [{ kind, actor, filesFirst: false }];
  });
  if (!allowed.some(({ kind }) => kind === "dispatch")) {
    allowed.push(...dispatchAfterFiling(record, actors, now));
  }
  const blower = actors.find((actor) => isTaken(() => blowWhistle(record, { actor, now })));
  if (blower !== undefined) {
    allowed.push({ kind: "whistle", actor: blower, filesFirst: false });
  }
  return [...allowed, ...regroupings(record)];
}

/** One press gives both commands. */
function dispatchAfterFiling(
  record: CaseRecord,
  actors: readonly Actor[],
  now: EpochMs,
): AllowedAction[] {
  if (record.state !== "REPORTED" && record.state !== "VERIFYING") {
    return [];
  }
  const file = sampleCommand("file", record, now);
  const filed = actors.map((one) => after(record, file, one, now)).find((one) => one !== null);
  if (filed === undefined) {
    return [];
  }
  const dispatch = sampleCommand("dispatch", filed, now);
  const actor = actors.find((one) => after(filed, dispatch, one, now) !== null);
  return actor === undefined ? [] : [{ kind: "dispatch", actor, filesFirst: true }];
}

const OVER: ReadonlySet<string> = new Set([
  "REJECTED",
  "MERGED",
  "CLOSED",
  "EVALUATED",
  "CANCELLED",
  "ARCHIVED",
]);

/** Whether its incident may be merged with another's: nothing joins what is over. */
export function mayRegroup({ state }: Pick<CaseRecord, "state">): boolean {
  return !OVER.has(state);
}

/** Whether alarms may be taken out: also of what is over, where one of them was something else. */
export function maySplit({ state }: Pick<CaseRecord, "state">): boolean {
  return state !== "MERGED";
}

function regroupings(record: CaseRecord): AllowedAction[] {
  const kinds: CaseAction[] = [
    ...(mayRegroup(record) ? (["regroup"] as const) : []),
    ...(maySplit(record) ? (["split"] as const) : []),
    "note",
  ];
  return kinds.map((kind) => ({ kind, actor: null, filesFirst: false }));
}

function after(
  record: CaseRecord,
  command: CaseCommand,
  actor: Actor,
  now: EpochMs,
): CaseRecord | null {
  let next: CaseRecord | null = null;
  isTaken(() => {
    next = decideCase(record, command, { actor, now }).record;
  });
  return next;
}

function isTaken(decide: () => unknown): boolean {
  try {
    decide();
    return true;
  } catch (error) {
    if (error instanceof AppError) {
      return false;
    }
    throw error;
  }
}
