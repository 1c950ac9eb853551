/** `/v1/routing`: who leads where, and what would happen with a type in a grid. */
import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import { HUB_DEPARTMENT, routeBy, routeCase, type Share } from "../../cases/index.ts";
import {
  directoryEditAnswerSchema,
  findEventType,
  PermanentError,
  problemSchema,
  type Proposal,
  type ProposalQuery,
  proposalQuerySchema,
  proposalSchema,
  routingEditSchema,
} from "../../../protocol/index.ts";
import { routingSheet } from "../town/sheets.ts";
import { sortBy } from "../town/town-files.ts";
import { type AdminInput, byOf } from "./deps.ts";
import { editTown } from "./edit-town.ts";

const TAGS = ["administration"];

export function routingRoutes(input: AdminInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "PUT",
      url: "/v1/routing",
      schema: {
        summary: "Replace the rules of routing",
        description: "Cases that are open keep the lead they have.",
        tags: TAGS,
        body: routingEditSchema,
        response: { 200: directoryEditAnswerSchema, default: problemSchema },
      },
      config: { permission: "directory.manage" },
      handler: (request) => {
        const edit = request.body as z.output<typeof routingEditSchema>;
        return editTown(
          input,
          edit,
          (record) => ({ ...record, routing: sortBy(edit.rules, routingSheet.keyOf) }),
          byOf(request),
        );
      },
    });
    app.route({
      method: "GET",
      url: "/v1/routing/proposal",
      schema: {
        summary: "Who would be told of a type in a grid, and by which rule",
        tags: TAGS,
        querystring: proposalQuerySchema,
        response: { 200: proposalSchema, default: problemSchema },
      },
      config: { permission: "catalogue.view" },
      handler: (request) => propose(input, request.query as ProposalQuery),
    });
  };
}

function propose(input: AdminInput, { eventType, gridCode }: ProposalQuery): Proposal {
  const type = findEventType(eventType);
  if (type === undefined) {
    throw new PermanentError("NOT_FOUND", "The catalogue has no such event type", {
      where: eventType,
    });
  }
  const town = input.town();
  const rule = town.routeOf(eventType, gridCode) ?? null;
  const routed = routeBy(type, rule ?? undefined);
  const endpointOf = (code: string): string | undefined =>
    town.hasDepartment(code) ? input.endpointOf(code) : undefined;
  const viaOf = ({ endpointId, fallback }: Share): Proposal["shares"][number]["via"] =>
    endpointId === null ? "none" : fallback ? "hub" : "own";
  return {
    eventType,
    gridCode: gridCode ?? null,
    rule: rule === null ? null : { ...rule, co: rule.co === null ? null : [...rule.co] },
    shares: routeCase(routed, (code) => endpointOf(code) ?? hubOf(input, code)).map((share) => ({
      department: share.department,
      role: share.role,
      unit: share.role === "lead" ? (routed.unit ?? null) : null,
      via: viaOf(share),
      disabled: town.whyDisabled(share.department) ?? null,
      onDuty: firstOnDuty(input, share.department, gridCode),
    })),
  };
}

/** The hub's endpoint takes messages of the hub though the town should not list it. */
function hubOf({ endpointOf }: AdminInput, code: string): string | undefined {
  return code === HUB_DEPARTMENT ? endpointOf(code) : undefined;
}

function firstOnDuty(
  { town, clock }: AdminInput,
  department: string,
  gridCode: string | undefined,
) {
  const [first] = gridCode === undefined ? [] : town().onDuty(department, gridCode, clock.now());
  return first?.responder.name ?? null;
}
