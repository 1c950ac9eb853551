/** `/v1/reports`: open to everybody, within limits that hold before a body is read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  PermanentError,
  problemSchema,
  type RatingRequest,
  ratingRequestSchema,
  type ReportAreas,
  reportAreasSchema,
  type ReportReceipt,
  reportReceiptSchema,
  reportRequestSchema,
  type ReportState,
  reportStateSchema,
  trackingCodeSchema,
  TransientError,
} from "../../protocol/index.ts";
import type { ReportsInput } from "./ports.ts";
import { searchGrids } from "./find-place.ts";
import { rateReport } from "./rate-report.ts";
import { parseReportBodies, readReport } from "./read-request.ts";
import { findReport, stateOf } from "./report-state.ts";
import { findReporter, readResponderKey } from "./reporter.ts";
import { takeIn } from "./take-in.ts";
import { createTrackingCodes } from "./tracking-code.ts";

const WINDOW_MS = 10 * 60_000;
/** Reports of one address in ten minutes: a household, a grid worker on the round, the hotline. */
const REPORTS = { anybody: 20, gridWorker: 120, room: 1_000 };
/** Looks and guesses of one address in ten minutes; a code has 60 bits. */
const LOOKS = { max: 200, timeWindow: WINDOW_MS };
const RATINGS = { max: 20, timeWindow: WINDOW_MS };
/** Reports in hand at once: each may hold its photos in memory, decoded. */
const MAX_IN_HAND = 4;
const RETRY_AFTER_S = 3;

const paramsSchema = z.object({ code: trackingCodeSchema });
const areasQuerySchema = z.object({ q: z.string().max(80).default("") });
const MAX_AREAS = 30;
const keySchema = z.uuid().transform((key) => key.toLowerCase());

type Routes = (app: FastifyInstance) => void;

export function reportRoutes(input: ReportsInput): Routes {
  return (app) => {
    void app.register((scope, _options, done) => {
      parseReportBodies(scope);
      // The body is checked by hand: it may be multipart.
      scope.setValidatorCompiler(() => (value: unknown) => ({ value }));
      addReport(scope, input);
      done();
    });
    addFollowing(app, input);
    addAreas(app, input);
  };
}

function addReport(scope: FastifyInstance, input: ReportsInput): void {
  const codes = createTrackingCodes(input.secretKey);
  const hands = createHands();
  scope.route({
    method: "POST",
    url: "/v1/reports",
    schema: {
      summary: "Report something",
      description:
        "JSON, or multipart/form-data with the field `report` (this JSON) and up to three files " +
        "`photo` (JPEG or PNG, 4 MB each; everything but the picture is taken out of them). A " +
        "resident needs no account; a grid worker sends `authorization: Bearer gw_…`; the hotline " +
        "has a session of the control room. The header `idempotency-key`, a UUID, makes a repetition " +
        "harmless.",
      tags: ["people"],
      body: reportRequestSchema,
      response: { 200: reportReceiptSchema, default: problemSchema },
    },
    config: {
      access: "open",
      rateLimit: {
        timeWindow: WINDOW_MS,
        max: async (request: FastifyRequest) => {
          const entry = await input.identify(request);
          if (entry?.permissions.has("people.view") === true) {
            return REPORTS.room;
          }
          const isWorker = entry?.permissions.has("people.report") === true;
          return isWorker || readResponderKey(request) !== undefined
            ? REPORTS.gridWorker
            : REPORTS.anybody;
        },
      },
    },
    preParsing: hands.take,
    onResponse: hands.leave,
    onRequestAbort: (request, done) => hands.drop(request, done),
    handler: async (request): Promise<ReportReceipt> => {
      const key = readKey(request, input);
      const { request: report, photos } = readReport(request);
      const responder = await findReporter(input, request, report.channel);
      return takeIn(input, codes, { request: report, photos, key, responder });
    },
  });
}

/** Counts reports in hand from before their body is read until they are answered. */
function createHands() {
  const held = new WeakSet<FastifyRequest>();
  let count = 0;
  const drop = (request: FastifyRequest, done: () => void): void => {
    if (held.delete(request)) {
      count -= 1;
    }
    done();
  };
  return {
    take: (
      request: FastifyRequest,
      reply: FastifyReply,
      _payload: unknown,
      done: (error?: Error | null) => void,
    ): void => {
      if (count >= MAX_IN_HAND) {
        void reply.header("retry-after", String(RETRY_AFTER_S));
        done(
          new TransientError("OVERLOADED", "Too many reports come in at once", {
            expected: "the same report again in a few seconds",
          }),
        );
        return;
      }
      held.add(request);
      count += 1;
      done();
    },
    leave: (request: FastifyRequest, _reply: FastifyReply, done: () => void): void =>
      drop(request, done),
    drop,
  };
}

function readKey({ headers }: FastifyRequest, { newId }: ReportsInput): string {
  const given = headers["idempotency-key"];
  if (given === undefined) {
    return newId();
  }
  const key = keySchema.safeParse(given);
  if (!key.success) {
    throw new PermanentError("BODY_MALFORMED", "The report's key is not valid", {
      where: "idempotency-key",
      expected: "a UUID, new for each report",
    });
  }
  return key.data;
}

function addFollowing(app: FastifyInstance, input: ReportsInput): void {
  app.route({
    method: "GET",
    url: "/v1/reports/:code",
    schema: {
      summary: "How far a report has come",
      tags: ["people"],
      params: paramsSchema,
      response: { 200: reportStateSchema, default: problemSchema },
    },
    config: { access: "open", rateLimit: LOOKS },
    handler: async (request, reply): Promise<ReportState> => {
      const { code } = request.params as z.infer<typeof paramsSchema>;
      void reply.header("cache-control", "no-store");
      return stateOf(await findReport(input.db, code), input.clock.now());
    },
  });
  app.route({
    method: "POST",
    url: "/v1/reports/:code/rating",
    schema: {
      summary: "Rate the handling of a report",
      description: "Once, within seven days after it was closed; `reopen` takes it up again.",
      tags: ["people"],
      params: paramsSchema,
      body: ratingRequestSchema,
      response: { 200: reportStateSchema, default: problemSchema },
    },
    config: { access: "open", rateLimit: RATINGS },
    handler: (request): Promise<ReportState> => {
      const { code } = request.params as z.infer<typeof paramsSchema>;
      return rateReport(input, code, request.body as RatingRequest, request.ip);
    },
  });
}

function addAreas(app: FastifyInstance, { town }: ReportsInput): void {
  app.route({
    method: "GET",
    url: "/v1/report-areas",
    schema: {
      summary: "Grids by name or code",
      description: "At most thirty whose name, community or code holds the text.",
      tags: ["people"],
      querystring: areasQuerySchema,
      response: { 200: reportAreasSchema, default: problemSchema },
    },
    config: { access: "open", rateLimit: LOOKS },
    handler: (request): ReportAreas => {
      const { q } = request.query as z.infer<typeof areasQuerySchema>;
      return { areas: searchGrids(town(), q, MAX_AREAS) };
    },
  });
}
