/** `/v1/session`: who is signed in, signing in and out. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  auditName,
  type Clock,
  formatTime,
  PermanentError,
  problemSchema,
  type SessionView,
  sessionViewSchema,
  type SignIn,
  signInSchema,
} from "../../protocol/index.ts";
import type { AccountDoor, Doorkeeper, SessionCookie } from "./doorkeeper.ts";
import { type OperatorSessions, SESSION_TTL_S } from "./operator-session.ts";

/** Guesses of the key from one address; of accounts, the database counts beside. */
const GUESSES = { key: { max: 10, timeWindow: 60_000 }, accounts: { max: 60, timeWindow: 60_000 } };

const closeQuerySchema = z
  .object({ everywhere: z.enum(["true", "false"]).default("false") })
  .strict();

export interface SessionRouteInput {
  readonly clock: Clock;
  readonly door: Doorkeeper;
  readonly sessions: OperatorSessions;
  readonly accounts: AccountDoor | undefined;
  readonly cookie: SessionCookie;
  /** Leaves a trace of who signed in with the key, tried to, or signed out. */
  readonly record: (trace: SessionTrace) => Promise<void>;
}

export interface SessionTrace {
  readonly actor: string;
  readonly action: "session.open" | "session.close";
  readonly outcome: "done" | "refused";
  readonly address: string;
  readonly facts: Readonly<Record<string, number>>;
}

export function sessionRoutes(input: SessionRouteInput): (app: FastifyInstance) => void {
  const { door } = input;
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/session",
      schema: {
        summary: "Who is signed in, and how one signs in",
        tags: ["session"],
        response: { 200: sessionViewSchema, default: problemSchema },
      },
      config: { access: "open" },
      handler: (request, reply) => viewSession(input, request, reply),
    });
    app.route({
      method: "POST",
      url: "/v1/session",
      schema: {
        summary: "Sign in with name and password, or with the operator key",
        tags: ["session"],
        body: signInSchema,
        response: { 200: sessionViewSchema, default: problemSchema },
      },
      config: {
        access: "open",
        rateLimit: door.mode === "accounts" ? GUESSES.accounts : GUESSES.key,
      },
      handler: (request, reply) => signIn(input, request, reply),
    });
    app.route({
      method: "DELETE",
      url: "/v1/session",
      schema: {
        summary: "Sign out, here or everywhere",
        tags: ["session"],
        querystring: closeQuerySchema,
        response: { 200: sessionViewSchema, default: problemSchema },
      },
      config: { access: "open" },
      handler: (request, reply) => signOut(input, request, reply),
    });
  };
}

async function viewSession(
  { door, cookie, accounts }: SessionRouteInput,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionView> {
  const entry = await door.identify(request);
  const singleSignOn = accounts?.singleSignOn;
  const how = { mode: door.mode, ...(singleSignOn === undefined ? {} : { singleSignOn }) };
  if (entry === undefined) {
    return { ...how, signedIn: false };
  }
  const { session, viewer, permissions } = entry;
  if (session?.renewed === true) {
    cookie.set(reply, session.token, session.expiresAt);
  }
  return {
    ...how,
    signedIn: true,
    viewer: { ...viewer, roles: [...viewer.roles] },
    permissions: [...permissions],
    ...(session === undefined ? {} : { expiresAt: formatTime(session.expiresAt) }),
  };
}

async function signIn(
  input: SessionRouteInput,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionView> {
  const { door, accounts, cookie, clock, sessions, record } = input;
  const body = request.body as SignIn;
  const address = request.ip;
  if (accounts !== undefined) {
    if (!("name" in body)) {
      throw new PermanentError("SIGN_IN_REFUSED", "Here one signs in with an account", {
        where: "name",
        expected: "name and password",
      });
    }
    const { token, expiresAt } = await accounts.signIn({ ...body, address });
    cookie.set(reply, token, expiresAt);
  } else if (door.mode === "key") {
    const isRight = "key" in body && sessions.isOperatorKey(body.key);
    const outcome = isRight ? "done" : "refused";
    await record({ actor: "operator:key", action: "session.open", outcome, address, facts: {} });
    requireKey(isRight, request);
    cookie.set(reply, sessions.issue(), clock.now() + SESSION_TTL_S * 1000);
  }
  return { mode: door.mode, signedIn: true };
}

function requireKey(isRight: boolean, request: FastifyRequest): void {
  if (!isRight) {
    request.log.warn({ address: request.ip }, "a wrong operator key was given");
    throw new PermanentError("SESSION_REQUIRED", "The key is not the operator key", {
      where: "key",
    });
  }
}

async function signOut(
  { door, accounts, cookie, record }: SessionRouteInput,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionView> {
  const { everywhere } = request.query as z.infer<typeof closeQuerySchema>;
  const entry = await door.identify(request);
  let ended = 0;
  if (entry?.session !== undefined && accounts !== undefined) {
    if (everywhere === "true") {
      ended = await accounts.signOutEverywhere(entry.viewer.id);
    } else {
      await accounts.signOut(entry.session.token);
      ended = 1;
    }
  }
  if (entry !== undefined) {
    const actor = auditName(entry.viewer);
    const facts = { ended };
    await record({ actor, action: "session.close", outcome: "done", address: request.ip, facts });
  }
  cookie.clear(reply);
  // The next at this desk must not find the pictures of the one before.
  void reply.header("clear-site-data", '"cache"');
  return { mode: door.mode, signedIn: door.mode === "open" };
}
