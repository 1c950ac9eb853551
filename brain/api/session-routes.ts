/** `/v1/session`: whether a key is asked for, and giving it. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  PermanentError,
  problemSchema,
  type SessionView,
  sessionViewSchema,
} from "../../protocol/index.ts";
import { isSignedIn } from "./access-guard.ts";
import { type OperatorSessions, SESSION_COOKIE, SESSION_TTL_S } from "./operator-session.ts";

const keySchema = z.object({ key: z.string().min(1).max(512) }).strict();
/** Guesses of the key from one address. */
const GUESSES = { max: 10, timeWindow: 60_000 };

export interface SessionRouteInput {
  readonly sessions: OperatorSessions;
  /** Leaves a trace of who signed in, tried to, or signed out. */
  readonly record: (action: string, outcome: "done" | "refused", address: string) => Promise<void>;
  /** True where the brain is reached over TLS: the cookie never travels without it then. */
  readonly secure: boolean;
}

export function sessionRoutes(input: SessionRouteInput): (app: FastifyInstance) => void {
  const { sessions, secure, record } = input;
  const options = { path: "/", httpOnly: true, sameSite: "strict", secure } as const;
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/session",
      schema: {
        summary: "Whether a key is asked for",
        tags: ["console"],
        response: { 200: sessionViewSchema, default: problemSchema },
      },
      config: { access: "open" },
      handler: (request): SessionView => ({
        mode: sessions.mode,
        signedIn: isSignedIn(request, sessions),
      }),
    });
    app.route({
      method: "POST",
      url: "/v1/session",
      schema: {
        summary: "Sign in with the operator key",
        tags: ["console"],
        body: keySchema,
        response: { 200: sessionViewSchema, default: problemSchema },
      },
      config: { access: "open", rateLimit: GUESSES },
      handler: async (request, reply): Promise<SessionView> => {
        const { key } = request.body as z.infer<typeof keySchema>;
        if (sessions.mode === "key") {
          const isRight = sessions.isOperatorKey(key);
          await record("session.open", isRight ? "done" : "refused", request.ip);
          requireKey(isRight, request);
          void reply.setCookie(SESSION_COOKIE, sessions.issue(), {
            ...options,
            maxAge: SESSION_TTL_S,
          });
        }
        return { mode: sessions.mode, signedIn: true };
      },
    });
    app.route({
      method: "DELETE",
      url: "/v1/session",
      schema: {
        summary: "Sign out",
        tags: ["console"],
        response: { 200: sessionViewSchema, default: problemSchema },
      },
      config: { access: "open" },
      handler: async (request, reply): Promise<SessionView> => {
        await record("session.close", "done", request.ip);
        void reply.clearCookie(SESSION_COOKIE, options);
        return { mode: sessions.mode, signedIn: sessions.mode === "open" };
      },
    });
  };
}

function requireKey(isRight: boolean, request: FastifyRequest): void {
  if (!isRight) {
    request.log.warn({ address: request.ip }, "a wrong operator key was given");
    throw new PermanentError("SESSION_REQUIRED", "The key is not the operator key", {
      where: "key",
    });
  }
}
