/** `/v1/endpoints`: where departments' messages go, and the secrets they are signed with. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  departmentCodeSchema,
  type EndpointChange,
  endpointChangeSchema,
  endpointSecretSchema,
  endpointViewSchema,
  type NewEndpoint,
  newEndpointSchema,
  type OverlapEnd,
  overlapEndSchema,
  pingAnswerSchema,
  problemSchema,
  type Rotation,
  rotationSchema,
} from "../../../protocol/index.ts";
import { byOf } from "./deps.ts";
import type { EndpointBook } from "./endpoint-book.ts";

const paramsSchema = z.object({ department: departmentCodeSchema });
const departmentOf = ({ params }: FastifyRequest): string =>
  (params as z.infer<typeof paramsSchema>).department;
/** Pings of everybody in a minute: the address is a department's own system. */
const PINGS = { max: 30, timeWindow: 60_000 };
const TAGS = ["administration"];

export function endpointRoutes(book: EndpointBook): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/endpoints",
      schema: {
        summary: "Endpoints of departments: state, circuit, last answers; no secrets",
        tags: TAGS,
        response: {
          200: z.object({ items: z.array(endpointViewSchema) }),
          default: problemSchema,
        },
      },
      config: { permission: "endpoint.view" },
      handler: async () => ({ items: await book.list() }),
    });
    app.route({
      method: "POST",
      url: "/v1/endpoints",
      schema: {
        summary: "Add a department's endpoint; its secret is shown this once",
        tags: TAGS,
        body: newEndpointSchema,
        response: { 201: endpointSecretSchema, default: problemSchema },
      },
      config: { permission: "endpoint.manage" },
      handler: async (request, reply) =>
        reply.status(201).send(await book.add(request.body as NewEndpoint, byOf(request))),
    });
    app.route({
      method: "PATCH",
      url: "/v1/endpoints/:department",
      schema: {
        summary: "Change an endpoint's address, disable or enable it",
        description:
          "What waits for an endpoint that is disabled goes to the hub. 409 VERSION_STALE where " +
          "somebody was first.",
        tags: TAGS,
        params: paramsSchema,
        body: endpointChangeSchema,
        response: { 200: endpointViewSchema, default: problemSchema },
      },
      config: { permission: "endpoint.manage" },
      handler: (request) =>
        book.change(departmentOf(request), request.body as EndpointChange, byOf(request)),
    });
    addSecretRoutes(app, book);
  };
}

function addSecretRoutes(app: FastifyInstance, book: EndpointBook): void {
  app.route({
    method: "POST",
    url: "/v1/endpoints/:department/secret",
    schema: {
      summary: "Rotate an endpoint's secret; the new one is shown this once",
      description:
        "During the overlap messages carry a signature by each secret, and the department may " +
        "sign with either.",
      tags: TAGS,
      params: paramsSchema,
      body: rotationSchema,
      response: { 200: endpointSecretSchema, default: problemSchema },
    },
    config: { permission: "endpoint.manage" },
    handler: (request) =>
      book.rotate(departmentOf(request), request.body as Rotation, byOf(request)),
  });
  app.route({
    method: "POST",
    url: "/v1/endpoints/:department/overlap-end",
    schema: {
      summary: "End the overlap now: secrets of before do not count any more",
      tags: TAGS,
      params: paramsSchema,
      body: overlapEndSchema,
      response: { 200: endpointViewSchema, default: problemSchema },
    },
    config: { permission: "endpoint.manage" },
    handler: (request) =>
      book.endOverlap(departmentOf(request), request.body as OverlapEnd, byOf(request)),
  });
  app.route({
    method: "POST",
    url: "/v1/endpoints/:department/ping",
    schema: {
      summary: "Send a signed test message and tell what was answered",
      tags: TAGS,
      params: paramsSchema,
      response: { 200: pingAnswerSchema, default: problemSchema },
    },
    config: { permission: "endpoint.manage", rateLimit: PINGS },
    handler: (request) => book.ping(departmentOf(request), byOf(request)),
  });
}
