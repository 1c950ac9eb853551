/** Cases and endpoints straight in the tables, for tests of the directory. */
import { sql } from "kysely";
import { uuidv7 } from "uuidv7";
import { type Database, openDatabase, silentLog } from "../../../brain/store/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import type { TestPostgres } from "../../support/postgres.ts";

export function openTestDatabase(server: TestPostgres): Promise<Database> {
  return openDatabase({
    config: { url: server.connectionString, dataDir: "" },
    clock: systemClock,
    log: silentLog,
  });
}

export interface TaskSample {
  readonly department: string;
  readonly role?: string;
  readonly state?: string;
}

/** A dispatched case with these tasks; a delivery to each department's endpoint. */
export async function putCase(
  { db }: Database,
  number: string,
  tasks: readonly TaskSample[],
  state = "DISPATCHED",
): Promise<string> {
  const [incident, caseId] = [uuidv7(), uuidv7()];
  await sql`insert into incident (id, opened_at) values (${incident}, '2026-11-24T00:00:00Z')`.execute(
    db,
  );
  const values = {
    id: caseId,
    incident_id: incident,
    number,
    event_type: "SEC.CROSS",
    title: { zh: "越界", en: "Line crossing" },
    line: "B6",
    severity: 3,
    service_level: "S1",
    state,
    version: 1,
    lead: tasks[0]?.department ?? "GA",
    node_id: "n",
    camera_id: "c",
    camera_name: "Camera",
    location: {},
    privacy: {},
    phase: "new",
    sequence: "1",
    event_count: 1,
    report_limit_ms: 1,
    dispatch_limit_ms: 1,
    contain_limit_ms: 1,
    ...Object.fromEntries(
      ["onset", "captured_at", "reported_at", "updated_at"].map((name) => [
        name,
        "2026-11-24T00:00:00Z",
      ]),
    ),
  };
  await sql`insert into case_file (${sql.join(Object.keys(values).map((name) => sql.ref(name)))})
    select ${sql.join(Object.keys(values).map((name) => sql.ref(name)))}
    from jsonb_populate_record(null::case_file, ${JSON.stringify(values)}::jsonb)`.execute(db);
  for (const { department, role = "lead", state: taskState = "PENDING" } of tasks) {
    const taskId = uuidv7();
    await sql`insert into task (id, case_id, department, role, state, created_at)
      values (${taskId}, ${caseId}, ${department}, ${role}, ${taskState}, '2026-11-24T00:00:00Z')`.execute(
      db,
    );
    await sql`insert into delivery (id, task_id, case_id, endpoint_id, department, payload, state,
        next_attempt_at, fast_until, give_up_at, created_at)
      select ${uuidv7()}, ${taskId}, ${caseId}, endpoint.id, ${department},
        ${JSON.stringify({ type: "task.dispatched", data: { taskId, caseId, department, role } })}::jsonb,
        'PENDING', now(), now(), now(), now() from endpoint where department = ${department}`.execute(
      db,
    );
  }
  return caseId;
}

export async function putEndpoints({ db }: Database, ...departments: string[]): Promise<void> {
  for (const department of departments) {
    await sql`insert into endpoint (id, department, url, secret)
      values (${uuidv7()}, ${department}, 'http://127.0.0.1:1/', 'sealed')`.execute(db);
  }
}
