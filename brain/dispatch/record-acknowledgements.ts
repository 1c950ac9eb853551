/**
 * Writes down what departments answered, many answers at once: they share the lock of cases, the
 * statements and the commit. An answer that is refused leaves nothing, and the others stand.
 */
import { type Kysely, sql, type Transaction } from "kysely";
import type { z } from "zod";
import { actorName, answerTask, type CaseEffect, decideCase } from "../cases/index.ts";
import {
  type Acknowledgement,
  type acknowledgementAnswerSchema,
  type Actor,
  AppError,
  type Clock,
  departmentCodeSchema,
  type EpochMs,
  PermanentError,
  type TaskRole,
  type TaskState,
  taskIdSchema,
} from "../../protocol/index.ts";
import {
  appendTimeline,
  type CaseChange,
  type CaseworkDeps,
  type LoadedCase,
  loadCases,
  lockCases,
  publishCases,
  saveCases,
  type Schema,
  transaction,
} from "../store/index.ts";

type AcknowledgementAnswer = z.infer<typeof acknowledgementAnswerSchema>;

export interface AcknowledgingEndpoint {
  readonly id: string;
  readonly department: string;
}

export interface Answer {
  readonly endpoint: AcknowledgingEndpoint;
  readonly taskId: string;
  readonly ack: Acknowledgement;
  readonly now: EpochMs;
}

/** What became of one answer; `refused` is for its sender alone. */
export type Acknowledged =
  | { readonly answer: AcknowledgementAnswer }
  | { readonly refused: AppError };

export interface AcknowledgeInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly casework: CaseworkDeps;
}

interface Task {
  readonly id: string;
  readonly caseId: string;
  readonly department: string;
  readonly role: TaskRole;
  readonly state: TaskState;
  readonly deliveries: readonly { readonly id: string; readonly endpointId: string }[];
}

/** @returns one for each answer, in their order. */
export function recordAcknowledgements(
  input: AcknowledgeInput,
  answers: readonly Answer[],
): Promise<readonly Acknowledged[]> {
  const work = async (tx: Transaction<Schema>): Promise<readonly Acknowledged[]> => {
    await lockCases(tx);
    const outcomes = new Map<Answer, Acknowledged>();
    let left = answers;
    while (left.length > 0) {
      left = await recordRound(tx, input.casework, left, outcomes);
    }
    return answers.map((answer) => outcomes.get(answer) as Acknowledged);
  };
  return transaction(input.db, work, { clock: input.clock });
}

/** An answer that may be written: of its case there is no other in the round. */
interface Standing {
  readonly answer: Answer;
  readonly task: Task;
  readonly taskState: "ACCEPTED" | "RETURNED";
}

/** @returns the answers that must see what this round wrote, because their case is in it. */
async function recordRound(
  tx: Transaction<Schema>,
  casework: CaseworkDeps,
  answers: readonly Answer[],
  outcomes: Map<Answer, Acknowledged>,
): Promise<readonly Answer[]> {
  const tasks = await readTasks(tx, answers);
  const later: Answer[] = [];
  const standing: Standing[] = [];
  const cases = new Set<string>();
  for (const answer of answers) {
    settle(outcomes, answer, () => {
      const task = requireTheirs(tasks.get(answer.taskId.toLowerCase()), answer);
      if (cases.has(task.caseId)) {
        later.push(answer);
        return undefined;
      }
      const { taskState, repeated } = answerTask(task.state, answer.ack.decision);
      if (!repeated) {
        cases.add(task.caseId);
        standing.push({ answer, task, taskState });
      }
      return { taskId: taskIdSchema.parse(task.id), state: taskState, repeated };
    });
  }
  const refused = await moveCases(tx, casework, standing, outcomes);
  const kept = standing.filter(({ answer }) => !refused.has(answer));
  await noteAnswers(
    tx,
    kept.filter(({ task }) => task.role !== "lead"),
  );
  await closeTasks(tx, kept);
  return later;
}

/**
 * What it throws is the answer's outcome; nothing is where another round will tell.
 * @returns false where it threw.
 */
function settle(
  outcomes: Map<Answer, Acknowledged>,
  answer: Answer,
  decide: () => AcknowledgementAnswer | undefined,
): boolean {
  try {
    const given = decide();
    if (given !== undefined) {
      outcomes.set(answer, { answer: given });
    }
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) {
      throw error;
    }
    outcomes.set(answer, { refused: error });
    return false;
  }
}

async function readTasks(
  tx: Transaction<Schema>,
  answers: readonly Answer[],
): Promise<ReadonlyMap<string, Task>> {
  const { rows } = await sql<Task>`
    select task.id, case_id as "caseId", department, role, state,
      coalesce((
        select jsonb_agg(jsonb_build_object('id', delivery.id, 'endpointId', endpoint_id))
        from delivery where task_id = task.id
      ), '[]') as deliveries
    from task
    where task.id = any(${answers.map(({ taskId }) => taskId)}::uuid[])`.execute(tx);
  return new Map(rows.map((task) => [task.id, task]));
}

/**
 * The task belongs to its department, and to the hub where the hub's endpoint received it in its
 * stead. A stranger learns nothing but that the task is not its own.
 */
function requireTheirs(task: Task | undefined, { endpoint, taskId, ack }: Answer): Task {
  if (task === undefined) {
    throw new PermanentError("TASK_UNKNOWN", "There is no such task", { where: taskId });
  }
  const isTheirs =
    task.department === endpoint.department ||
    task.deliveries.some(({ endpointId }) => endpointId === endpoint.id);
  if (!isTheirs) {
    throw new PermanentError("TASK_NOT_YOURS", "The task belongs to another department", {
      where: taskId,
      expected: "a task that was delivered to this endpoint",
      got: `the endpoint of ${endpoint.department}`,
    });
  }
  if (!task.deliveries.some(({ id }) => id === ack.deliveryId.toLowerCase())) {
    throw new PermanentError("TASK_UNKNOWN", "The task has no such delivery", {
      where: "deliveryId",
      expected: "the webhook-id of a delivery of this task",
      got: ack.deliveryId,
    });
  }
  return task;
}

/** The lead's answer is a command to the case. @returns the answers that the cases refused. */
async function moveCases(
  tx: Transaction<Schema>,
  casework: CaseworkDeps,
  standing: readonly Standing[],
  outcomes: Map<Answer, Acknowledged>,
): Promise<ReadonlySet<Answer>> {
  const leads = standing.filter(({ task }) => task.role === "lead");
  const loaded = await loadCases(
    tx,
    leads.map(({ task }) => task.caseId),
  );
  const changes: CaseChange[] = [];
  const refused = new Set<Answer>();
  for (const one of leads) {
    const wasTaken = settle(outcomes, one.answer, () => {
      changes.push(changeBy(one, loaded.get(one.task.caseId)));
      return undefined;
    });
    if (!wasTaken) {
      refused.add(one.answer);
    }
  }
  const now = Math.max(...standing.map(({ answer }) => answer.now));
  await saveCases(tx, changes, casework, { now });
  return refused;
}

function changeBy({ answer, task }: Standing, before: LoadedCase | undefined): CaseChange {
  const { endpoint, ack, now } = answer;
  if (before === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such case", { where: task.caseId });
  }
  const actor: Actor = {
    role: "department",
    id: ack.unit ?? endpoint.department,
    department: departmentCodeSchema.parse(task.department),
  };
  const { record, effects } = decideCase(
    before.record,
    ack.decision === "accepted"
      ? { kind: "accept" }
      : { kind: "return", reason: ack.reason ?? "no reason given" },
    { actor, now },
  );
  // The task itself is written with more than the machine knows: reference and unit.
  const others = effects.filter((effect) => effect.kind !== "settle");
  const facts = factsOf(task, ack);
  const told = others.map(
    (effect): CaseEffect =>
      effect.kind === "note" && effect.entry === ack.decision
        ? { ...effect, facts: { ...effect.facts, ...facts } }
        : effect,
  );
  return { before, record, effects: told, actor: actorName(actor), decided: true };
}

/** Any other department's answer is its own affair; the control room sees it. */
async function noteAnswers(tx: Transaction<Schema>, notes: readonly Standing[]): Promise<void> {
  if (notes.length === 0) {
    return;
  }
  const now = Math.max(...notes.map(({ answer }) => answer.now));
  const caseIds = notes.map(({ task }) => task.caseId);
  await tx
    .updateTable("case_file")
    .set((eb) => ({ version: eb("version", "+", 1), updated_at: new Date(now) }))
    .where("id", "=", sql<string>`any(${caseIds}::uuid[])`)
    .execute();
  await appendTimeline(
    tx,
    notes.map(({ answer, task }) => ({
      caseId: task.caseId,
      at: answer.now,
      kind: answer.ack.decision,
      actor: `department:${task.department}`,
      facts: factsOf(task, answer.ack),
    })),
  );
  await publishCases(tx, caseIds, now);
}

function factsOf(task: Task, ack: Acknowledgement) {
  return {
    department: task.department,
    role: task.role,
    reference: ack.reference ?? null,
    unit: ack.unit ?? null,
    reason: ack.reason ?? null,
  };
}

/** Whoever answers has the message: nothing of it needs to be sent again. */
async function closeTasks(tx: Transaction<Schema>, kept: readonly Standing[]): Promise<void> {
  if (kept.length === 0) {
    return;
  }
  const rows = kept.map(({ task, taskState, answer: { ack, now } }) => ({
    id: task.id,
    delivery: ack.deliveryId,
    at: new Date(now).toISOString(),
    state: taskState,
    reference: ack.reference ?? null,
    unit: ack.unit ?? null,
    reason: ack.reason ?? null,
  }));
  await sql`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
        id uuid, delivery uuid, at timestamptz, state text, reference text, unit text, reason text)
    ), closed as (
      update delivery set
        state = 'DELIVERED', delivered_at = given.at, next_attempt_at = null,
        lease_token = null, lease_until = null, last_error = null
      from given where delivery.id = given.delivery and delivery.state <> 'DELIVERED'
    )
    update task set
      state = given.state, answered_at = given.at,
      accepted_at = case when given.state = 'ACCEPTED' then given.at end,
      reference = given.reference, unit = given.unit, reason = given.reason
    from given where task.id = given.id`.execute(tx);
}
