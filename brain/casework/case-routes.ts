/** `/v1/cases/{id}/commands` and `/v1/cases/{id}/work`: the control room's hand on a case. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { clockSpans, dueAt, elapsedMs, isPaused } from "../cases/index.ts";
import {
  auditName,
  caseCommandAnswerSchema,
  type CaseCommandRequest,
  caseCommandRequestSchema,
  caseIdSchema,
  type CaseWorkView,
  caseWorkViewSchema,
  formatTime,
  type NewNote,
  newNoteSchema,
  noteAnswerSchema,
  PermanentError,
  problemSchema,
} from "../../protocol/index.ts";
import { loadCase, type LoadedCase, requireCaseInScope } from "../store/index.ts";
import { commandCase } from "./case-commands.ts";
import { type CaseworkInput, coDepartmentsOf, type PictureInput } from "./deps.ts";
import { addNote } from "./add-note.ts";
import { type Asking, offersFor } from "./offers.ts";
import { operatorOfCase } from "./operator-actor.ts";
import { viewWhistle } from "./whistle-commands.ts";

const paramsSchema = z.object({ id: caseIdSchema });

export function caseworkRoutes(input: PictureInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "POST",
      url: "/v1/cases/:id/commands",
      schema: {
        summary: "Give a command to a case",
        description:
          "The header `idempotency-key` makes a repetition harmless. 409 VERSION_STALE says what " +
          "stands now and who was first.",
        tags: ["console"],
        params: paramsSchema,
        body: caseCommandRequestSchema,
        response: { 200: caseCommandAnswerSchema, default: problemSchema },
      },
      config: { permission: "case.command" },
      handler: async (request) => {
        const { id } = request.params as z.infer<typeof paramsSchema>;
        const { command, expectedVersion, as } = request.body as CaseCommandRequest;
        const { viewer } = request;
        await requireCaseInScope(input.db, id, viewer);
        const { answer, repeated } = await commandCase(
          input,
          {
            command,
            expectedVersion,
            key: readKey(request),
            principal: auditName(viewer),
            address: request.ip,
            offersOf: (record) => offersFor(record, askingOf(request), input.clock.now()),
          },
          () =>
            Promise.resolve({
              caseId: id,
              actorOf: ({ record }) => operatorOfCase(viewer, as, command.kind, record.lead),
            }),
          { case: id, as: as ?? null },
        );
        return { ...answer, repeated };
      },
    });
    addWorkRoute(app, input);
    addNoteRoute(app, input);
  };
}

function addWorkRoute(app: FastifyInstance, input: CaseworkInput): void {
  app.route({
    method: "GET",
    url: "/v1/cases/:id/work",
    schema: {
      summary: "Clocks, supervision and whistles of a case, and what the viewer may do next",
      description:
        "`actions` are those that the machine would take from this viewer now, each with the " +
        "`as` that it takes them from.",
      tags: ["console"],
      params: paramsSchema,
      response: { 200: caseWorkViewSchema, default: problemSchema },
    },
    config: { permission: "case.view" },
    handler: async (request) => {
      const { id } = request.params as z.infer<typeof paramsSchema>;
      await requireCaseInScope(input.db, id, request.viewer);
      const loaded = await input.db.transaction().execute((tx) => loadCase(tx, id));
      return {
        ...viewWork(loaded, input),
        actions: offersFor(loaded.record, askingOf(request), input.clock.now()),
      };
    },
  });
}

function addNoteRoute(app: FastifyInstance, input: CaseworkInput): void {
  app.route({
    method: "POST",
    url: "/v1/cases/:id/notes",
    schema: {
      summary: "Write a note on a case",
      description: "It decides nothing. Departments read notes for `all`, and their own.",
      tags: ["console"],
      params: paramsSchema,
      body: newNoteSchema,
      response: { 200: noteAnswerSchema, default: problemSchema },
    },
    config: { permission: "case.command" },
    handler: async (request) => {
      const { id } = request.params as z.infer<typeof paramsSchema>;
      await requireCaseInScope(input.db, id, request.viewer);
      const { answer, repeated } = await addNote(input, id, request.body as NewNote, {
        viewer: request.viewer,
        key: readKey(request),
        address: request.ip,
      });
      return { ...answer, repeated };
    },
  });
}

export function askingOf({ viewer, entry }: FastifyRequest): Asking {
  return { viewer, permissions: entry?.permissions ?? new Set() };
}

/** @throws PermanentError BODY_MALFORMED without a key: a lost answer must not act twice. */
export function readKey(request: FastifyRequest): string {
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || !/^[\x21-\x7e]{8,100}$/.test(key)) {
    throw new PermanentError("BODY_MALFORMED", "The command has no idempotency key", {
      where: "idempotency-key",
      expected: "8 to 100 printable characters, new for each command",
      got: typeof key === "string" ? `${key.length} characters` : "nothing",
    });
  }
  return key;
}

function viewWork(loaded: LoadedCase, input: CaseworkInput): Omit<CaseWorkView, "actions"> {
  const { row, record, whistles } = loaded;
  const { work, clock } = input;
  const now = clock.now();
  const iso = (at: number | null): string | null => (at === null ? null : formatTime(at));
  return {
    caseId: caseIdSchema.parse(row.id),
    state: record.state,
    version: row.version,
    level: record.level,
    light: record.light,
    round: record.rounds,
    standard: record.standard,
    clocks: clockSpans(record).map((span) => ({
      clock: span.clock,
      base: span.limit.base,
      limitMs: span.limit.limitMs,
      startedAt: formatTime(span.startedAt),
      stoppedAt: iso(span.stoppedAt),
      dueAt: iso(dueAt(work, span, 100)),
      elapsedMs: elapsedMs(work, span, now),
      paused: isPaused(span),
    })),
    returns: record.returns.map(({ department, reason, at }) => ({
      department,
      reason,
      at: formatTime(at),
    })),
    ruled: record.ruled,
    suspension:
      record.suspension === null
        ? null
        : { reason: record.suspension.reason, until: formatTime(record.suspension.until) },
    reworks: record.reworks,
    cancelAskedBy: record.cancelAsked?.role ?? null,
    whistles: whistles.map((whistle) => viewWhistle(row.id, whistle)),
    routedCo: [...coDepartmentsOf(input, loaded)],
  };
}
