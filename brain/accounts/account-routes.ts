/** `/v1/accounts`: the administrator's hand on accounts. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  type AccountChange,
  accountChangeSchema,
  accountViewSchema,
  auditName,
  formatTime,
  type Invitation,
  invitationSchema,
  type NewAccount,
  newAccountSchema,
  problemSchema,
} from "../../protocol/index.ts";
import type { AccountBook, By, NewInvitation } from "./account-book.ts";

const paramsSchema = z.object({ id: z.uuid() });
const idOf = (request: FastifyRequest): string =>
  (request.params as z.infer<typeof paramsSchema>).id;
const byOf = ({ viewer, ip }: FastifyRequest): By => ({ actor: auditName(viewer), address: ip });
const toInvitation = ({ account, token, expiresAt }: NewInvitation): Invitation => ({
  account,
  token,
  expiresAt: formatTime(expiresAt),
});

export function accountRoutes(book: AccountBook): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/accounts",
      schema: {
        summary: "All accounts, by name",
        tags: ["administration"],
        response: { 200: z.object({ items: z.array(accountViewSchema) }), default: problemSchema },
      },
      config: { permission: "account.view" },
      handler: async () => ({ items: await book.list() }),
    });
    app.route({
      method: "POST",
      url: "/v1/accounts",
      schema: {
        summary: "Make an account; its one-time link is shown this once",
        tags: ["administration"],
        body: newAccountSchema,
        response: { 201: invitationSchema, default: problemSchema },
      },
      config: { permission: "account.manage" },
      handler: async (request, reply) => {
        const made = await book.add(request.body as NewAccount, byOf(request));
        return reply.status(201).send(toInvitation(made));
      },
    });
    app.route({
      method: "PATCH",
      url: "/v1/accounts/:id",
      schema: {
        summary: "Change name, roles or state; what narrows it ends its sessions",
        tags: ["administration"],
        params: paramsSchema,
        body: accountChangeSchema,
        response: { 200: accountViewSchema, default: problemSchema },
      },
      config: { permission: "account.manage" },
      handler: (request) =>
        book.change(idOf(request), request.body as AccountChange, byOf(request)),
    });
    addSessionRoutes(app, book);
  };
}

function addSessionRoutes(app: FastifyInstance, book: AccountBook): void {
  app.route({
    method: "POST",
    url: "/v1/accounts/:id/invitation",
    schema: {
      summary: "A new one-time link; the password of before and all sessions end",
      tags: ["administration"],
      params: paramsSchema,
      response: { 200: invitationSchema, default: problemSchema },
    },
    config: { permission: "account.manage" },
    handler: async (request) => toInvitation(await book.invite(idOf(request), byOf(request))),
  });
  app.route({
    method: "DELETE",
    url: "/v1/accounts/:id/sessions",
    schema: {
      summary: "Sign somebody out everywhere",
      tags: ["administration"],
      params: paramsSchema,
      response: { 200: z.object({ ended: z.number().int() }), default: problemSchema },
    },
    config: { permission: "account.manage" },
    handler: async (request) => ({ ended: await book.endSessions(idOf(request), byOf(request)) }),
  });
}
