/** Who may call what: checked before a body is read. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  type Permission,
  PermanentError,
  SENDER_HEADER,
  type Viewer,
} from "../../protocol/index.ts";
import type { Doorkeeper, Entry, SessionCookie } from "./doorkeeper.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /**
     * `signed`: the handler checks a sender's signature. `open`: anybody who may reach the
     * address. `signed-or-viewer`: a sender's signature where it is given, else `permission`.
     */
    readonly access?: "signed" | "open" | "signed-or-viewer";
    /** What somebody must be allowed to do. */
    readonly permission?: Permission;
  }
  interface FastifyRequest {
    /** Who was let in; null on routes that anybody may call. */
    entry: Entry | null;
    /** Who asks. Throws SESSION_REQUIRED where nobody was asked for. */
    readonly viewer: Viewer;
    /** Of an account that is signed in. */
    readonly sessionToken: string | undefined;
  }
}

const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

export interface GuardInput {
  readonly door: Doorkeeper;
  readonly cookie: SessionCookie;
  readonly publicUrl: string | undefined;
  /** Leaves a trace of who asked for what he may not have. */
  readonly onRefused: (refusal: Refusal) => Promise<void>;
}

export interface Refusal {
  readonly viewer: Viewer;
  readonly permission: Permission;
  /** Method and pattern of the route. */
  readonly route: string;
  readonly address: string;
}

export function guardAccess(app: FastifyInstance, input: GuardInput): void {
  const { door, publicUrl } = input;
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).host;
  app.decorateRequest("entry", null);
  app.decorateRequest("sessionToken", {
    getter(this: FastifyRequest): string | undefined {
      return this.entry?.session?.token;
    },
  });
  app.decorateRequest("viewer", {
    getter(this: FastifyRequest): Viewer {
      if (this.entry === null) {
        throw sessionRequired();
      }
      return this.entry.viewer;
    },
  });
  app.addHook("onRequest", async (request, reply) => {
    if (door.mode === "open") {
      checkHost(request, publicHost);
    }
    if (!READING.has(request.method)) {
      checkOrigin(request, publicHost);
    }
    const { access, permission } = request.routeOptions.config;
    const isSigned = access === "signed-or-viewer" && request.headers[SENDER_HEADER] !== undefined;
    if (request.is404 || access === "open" || access === "signed" || isSigned) {
      return;
    }
    const entry = await door.identify(request);
    if (entry === undefined) {
      throw sessionRequired();
    }
    await requirePermission(input, request, entry, permission);
    request.entry = entry;
    if (entry.session?.renewed === true) {
      input.cookie.set(reply, entry.session.token, entry.session.expiresAt);
    }
  });
}

/** A route that names no permission is nobody's. */
async function requirePermission(
  { onRefused }: GuardInput,
  request: FastifyRequest,
  { viewer, permissions }: Entry,
  permission: Permission | undefined,
): Promise<void> {
  if (permission !== undefined && permissions.has(permission)) {
    return;
  }
  const route = `${request.method} ${request.routeOptions.url ?? ""}`;
  if (permission !== undefined) {
    await onRefused({ viewer, permission, route, address: request.ip });
  }
  throw new PermanentError("PERMISSION_REFUSED", "None of your roles may do this", {
    where: route,
    expected: permission ?? "a route that names its permission",
    got: viewer.roles.join(", "),
  });
}

function sessionRequired(): PermanentError {
  return new PermanentError("SESSION_REQUIRED", "The control room asks who you are", {
    where: "POST /v1/session",
    expected: "a session",
  });
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
