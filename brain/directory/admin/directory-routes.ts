/** `/v1/directory`: departments, and the files of the directory that people keep in the office. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Kysely, sql } from "kysely";
import { z } from "zod";
import {
  departmentCodeSchema,
  departmentEditSchema,
  departmentRemovalSchema,
  directoryEditAnswerSchema,
  type DirectoryView,
  directoryViewSchema,
  editableFileSchema,
  fileEditSchema,
  formatTime,
  PermanentError,
  problemSchema,
} from "../../../protocol/index.ts";
import { type Schema, transaction } from "../../store/index.ts";
import { openTasksOf, printTown, readTown } from "../town/index.ts";
import { departmentSheet } from "../town/sheets.ts";
import { sortBy } from "../town/town-files.ts";
import { type AdminInput, byOf } from "./deps.ts";
import { editTown, replaceFile, withoutDepartment } from "./edit-town.ts";

const HISTORY = 50;
const FILE_BYTES = 2_500_000;
const TAGS = ["administration"];
const codeParams = z.object({ code: departmentCodeSchema });
const fileParams = z.object({ file: editableFileSchema });
const codeOf = ({ params }: FastifyRequest): string => (params as z.infer<typeof codeParams>).code;
const fileOf = ({ params }: FastifyRequest) => (params as z.infer<typeof fileParams>).file;
const DONE = { 200: directoryEditAnswerSchema, default: problemSchema };

export function directoryRoutes(input: AdminInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/directory",
      schema: {
        summary: "Departments, units and routing in force, and who changed the directory",
        tags: TAGS,
        response: { 200: directoryViewSchema, default: problemSchema },
      },
      config: { permission: "directory.manage" },
      handler: () => readView(input),
    });
    app.route({
      method: "PUT",
      url: "/v1/directory/departments/:code",
      schema: {
        summary: "Add or change a department; with a reason in `disabled` new work goes to the hub",
        tags: TAGS,
        params: codeParams,
        body: departmentEditSchema,
        response: DONE,
      },
      config: { permission: "directory.manage" },
      handler: (request) => {
        const edit = request.body as z.output<typeof departmentEditSchema>;
        const { department } = edit;
        requireSameCode(codeOf(request), department.code);
        return editTown(
          input,
          edit,
          (record) => {
            const others = record.departments.filter(({ code }) => code !== department.code);
            const departments = sortBy([...others, department], departmentSheet.keyOf);
            return { ...record, departments };
          },
          byOf(request),
        );
      },
    });
    addRemoval(app, input);
    addFileRoutes(app, input);
  };
}

function addRemoval(app: FastifyInstance, input: AdminInput): void {
  app.route({
    method: "DELETE",
    url: "/v1/directory/departments/:code",
    schema: {
      summary: "Remove a department; refused while it has open tasks",
      tags: TAGS,
      params: codeParams,
      body: departmentRemovalSchema,
      response: DONE,
    },
    config: { permission: "directory.manage" },
    handler: async (request) => {
      const edit = request.body as z.output<typeof departmentRemovalSchema>;
      const code = codeOf(request);
      await requireNoTasks(input, code);
      return editTown(input, edit, withoutDepartment(code), byOf(request));
    },
  });
}

function addFileRoutes(app: FastifyInstance, input: AdminInput): void {
  app.route({
    method: "GET",
    url: "/v1/directory/files/:file",
    schema: {
      summary: "A file of the directory as it is exported",
      tags: TAGS,
      params: fileParams,
      response: { 200: z.string(), default: problemSchema },
    },
    config: { permission: "directory.manage" },
    handler: async (request, reply) => {
      const file = fileOf(request);
      const { db, clock } = input;
      const stored = await transaction(db, readTown, { clock, isolation: "repeatable read" });
      const text = stored === undefined ? undefined : printTown(stored.record).get(file);
      if (text === undefined) {
        throw new PermanentError("NOT_FOUND", "No directory has been imported yet", {
          where: file,
        });
      }
      void reply.header("content-disposition", `attachment; filename="${file}"`);
      return reply.type("text/csv; charset=utf-8").send(text);
    },
  });
  app.route({
    method: "PUT",
    url: "/v1/directory/files/:file",
    bodyLimit: FILE_BYTES,
    schema: {
      summary:
        "Replace a file of the directory; a dry run tells all that is wrong and what changes",
      tags: TAGS,
      params: fileParams,
      body: fileEditSchema,
      response: DONE,
    },
    config: { permission: "directory.manage" },
    handler: (request) => {
      const edit = request.body as z.output<typeof fileEditSchema>;
      return editTown(input, edit, replaceFile(fileOf(request), edit.text), byOf(request));
    },
  });
}

/** Said before anything else that stands in the way; the import itself looks again. */
async function requireNoTasks({ db }: AdminInput, code: string): Promise<void> {
  const tasks = await openTasksOf(db, [code]);
  if (tasks.length > 0) {
    throw new PermanentError("DEPARTMENT_IN_USE", "The department has open tasks", {
      where: code,
      expected: "no open tasks; disable it, so that new ones go to the hub",
      got: `${tasks.length}, such as of case ${tasks[0]?.caseNumber ?? ""}`,
    });
  }
}

function requireSameCode(named: string, code: string): void {
  if (named !== code) {
    throw new PermanentError("BODY_MALFORMED", "Address and body name two departments", {
      where: "department.code",
      expected: named,
      got: code,
    });
  }
}

async function readView({ db, clock, town }: AdminInput): Promise<DirectoryView> {
  const stored = await transaction(db, readTown, { clock, isolation: "repeatable read" });
  const open = await openTaskCounts(db);
  const history = await db
    .selectFrom("directory_import")
    .select(["version", "imported_at", "actor", "reason"])
    .orderBy("version", "desc")
    .limit(HISTORY)
    .execute();
  const { departments, units, routing = [] } = stored?.record ?? town().record;
  return {
    version: stored?.version ?? 0,
    departments: departments.map((one) => ({ ...one, openTasks: open.get(one.code) ?? 0 })),
    units: units.map(({ code, department, zh, en }) => ({ code, department, zh, en })),
    rules: routing.map((rule) => ({ ...rule, co: rule.co === null ? null : [...rule.co] })),
    history: history.map(({ version, imported_at, actor, reason }) => ({
      ...{ version, actor, reason },
      at: formatTime(imported_at.getTime()),
    })),
  };
}

async function openTaskCounts(db: Kysely<Schema>): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ department: string; count: number }>`
    select task.department, count(*)::int as count
    from task join case_file on case_file.id = task.case_id
    where task.state not in ('RETURNED', 'WITHDRAWN')
      and case_file.state not in ('CLOSED', 'REJECTED', 'CANCELLED', 'MERGED')
    group by task.department`.execute(db);
  return new Map(rows.map(({ department, count }) => [department, count]));
}
