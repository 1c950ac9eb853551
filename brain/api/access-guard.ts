/** Who may call what: checked before a body is read. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { PermanentError } from "../../protocol/index.ts";
import { type OperatorSessions, SESSION_COOKIE } from "./operator-session.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /**
     * `signed`: the handler checks a sender's signature. `open`: anybody who may reach the
     * address, or the handler checks by itself. Absent: the control room only.
     */
    readonly access?: "signed" | "open";
  }
}

const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

export interface GuardInput {
  readonly sessions: OperatorSessions;
  readonly publicUrl: string | undefined;
}

export function guardAccess(app: FastifyInstance, { sessions, publicUrl }: GuardInput): void {
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).host;
  app.addHook("onRequest", (request, _reply, done) => {
    if (sessions.mode === "open") {
      checkHost(request, publicHost);
    }
    if (!READING.has(request.method)) {
      checkOrigin(request, publicHost);
    }
    if (request.routeOptions.config.access === undefined && !request.is404) {
      requireOperator(request, sessions);
    }
    done();
  });
}

/** @throws PermanentError SESSION_REQUIRED unless an operator asks. */
export function requireOperator(request: FastifyRequest, sessions: OperatorSessions): void {
  if (!isSignedIn(request, sessions)) {
    throw new PermanentError("SESSION_REQUIRED", "The control room asks for its key", {
      where: "POST /v1/session",
      expected: "a session of an operator",
    });
  }
}

/** By cookie, or by `Authorization: Bearer <operator key>` for machines that read metrics. */
export function isSignedIn(request: FastifyRequest, sessions: OperatorSessions): boolean {
  if (sessions.mode === "open" || sessions.isValid(request.cookies[SESSION_COOKIE])) {
    return true;
  }
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  return bearer !== undefined && sessions.isOperatorKey(bearer);
}

/**
 * A page of a stranger whose name is re-bound to 127.0.0.1 reaches an open brain with the
 * stranger's name in `Host`: only loopback names and the public address pass.
 */
function checkHost(request: FastifyRequest, publicHost: string | undefined): void {
  const host = request.headers.host ?? "";
  if (host !== publicHost && !isLoopbackHost(host)) {
    throw new PermanentError("HOST_REFUSED", "This brain is open to its own machine only", {
      where: "host",
      expected: "localhost, 127.0.0.1, [::1] or the host of server.publicUrl",
      got: host.slice(0, 100),
    });
  }
}

function checkOrigin(request: FastifyRequest, publicHost: string | undefined): void {
  const { origin } = request.headers;
  if (origin === undefined) {
    return;
  }
  const originHost = URL.canParse(origin) ? new URL(origin).host : "";
  if (originHost !== request.headers.host && originHost !== publicHost) {
    throw new PermanentError("HOST_REFUSED", "A page of another origin may not change anything", {
      where: "origin",
      expected: "the brain's own pages",
      got: origin.slice(0, 100),
    });
  }
}

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

export function isLoopbackAddress(address: string): boolean {
  return address === "localhost" || address === "::1" || /^127(\.\d{1,3}){3}$/.test(address);
}
