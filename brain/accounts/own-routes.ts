/** What somebody does with the own account: choose a password, by a link or with the old one. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  PermanentError,
  passwordChangeSchema,
  problemSchema,
  redeemInvitationSchema,
} from "../../protocol/index.ts";
import type { SessionCookieWriter } from "./cookie.ts";
import { changePassword, redeemInvitation, type SignInInput } from "./sign-in.ts";

const doneSchema = z.object({ done: z.literal(true) });
const TRIES = { max: 20, timeWindow: 60_000 };

export function ownRoutes(
  input: SignInInput,
  cookie: SessionCookieWriter,
): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "POST",
      url: "/v1/session/password",
      schema: {
        summary: "Change the own password; other sessions end",
        tags: ["session"],
        body: passwordChangeSchema,
        response: { 200: doneSchema, default: problemSchema },
      },
      config: { permission: "session.own", rateLimit: TRIES },
      handler: async (request) => {
        const { current, next } = request.body as z.infer<typeof passwordChangeSchema>;
        const token = requireToken(request);
        const accountId = request.viewer.id;
        await changePassword(input, { accountId, current, next, token, address: request.ip });
        return { done: true as const };
      },
    });
    app.route({
      method: "POST",
      url: "/v1/session/invitation",
      schema: {
        summary: "Choose a password by a one-time link, and sign in",
        tags: ["session"],
        body: redeemInvitationSchema,
        response: { 200: doneSchema, default: problemSchema },
      },
      config: { access: "open", rateLimit: TRIES },
      handler: async (request, reply) => {
        const { token, password } = request.body as z.infer<typeof redeemInvitationSchema>;
        const session = await redeemInvitation(input, { token, password, address: request.ip });
        cookie.set(reply, session.token, session.expiresAt);
        return { done: true as const };
      },
    });
  };
}

function requireToken({ sessionToken }: FastifyRequest): string {
  if (sessionToken === undefined) {
    throw new PermanentError("ACCOUNT_CONFLICT", "Nobody has signed in with an account", {
      expected: "a session of an account",
    });
  }
  return sessionToken;
}
