/** Finds out who asks: by an account's session, the operator key, or because the brain is open. */
import type { FastifyReply, FastifyRequest } from "fastify";
import {
  accountRoleSchema,
  type Clock,
  type EpochMs,
  type Permission,
  type SessionView,
  type Viewer,
} from "../../protocol/index.ts";
import { type OperatorSessions, SESSION_COOKIE } from "./operator-session.ts";

/** What the door asks of the accounts. */
export interface AccountDoor {
  /** How the button is named that leads to the OpenID provider. */
  readonly singleSignOn: string | undefined;
  find(token: string, options?: { readonly renew: boolean }): Promise<KnownSession | undefined>;
  signIn(credentials: Credentials): Promise<IssuedSession>;
  signOut(token: string): Promise<void>;
  /** @returns how many sessions ended. */
  signOutEverywhere(accountId: string): Promise<number>;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
  readonly address: string;
}

export interface IssuedSession {
  readonly token: string;
  readonly expiresAt: EpochMs;
}

export interface KnownSession {
  readonly viewer: Viewer;
  readonly expiresAt: EpochMs;
  /** The end has moved: the cookie is set anew. */
  readonly renewed: boolean;
}

/** Somebody who was let in. */
export interface Entry {
  readonly viewer: Viewer;
  readonly permissions: ReadonlySet<Permission>;
  /** Of an account's session. */
  readonly session?: IssuedSession & { readonly renewed: boolean };
  /** Whether he would be let in still; does not prolong anything. */
  stillValid(): Promise<boolean>;
}

export interface Doorkeeper {
  readonly mode: SessionView["mode"];
  identify(request: FastifyRequest): Promise<Entry | undefined>;
}

export interface DoorkeeperInput {
  readonly sessions: OperatorSessions;
  /** Undefined: nobody has an account. */
  readonly accounts: AccountDoor | undefined;
  readonly permissionsOf: (roles: Viewer["roles"]) => ReadonlySet<Permission>;
}

const ALL_ROLES = accountRoleSchema.options;
/** Beside accounts the operator key is for machines that watch the brain. */
const MACHINE: ReadonlySet<Permission> = new Set<Permission>(["metrics.view", "health.view"]);

export function createDoorkeeper(input: DoorkeeperInput): Doorkeeper {
  const { sessions, accounts, permissionsOf } = input;
  const everything = permissionsOf(ALL_ROLES);
  const local: Entry = {
    viewer: viewerWithout("local", ALL_ROLES),
    permissions: everything,
    stillValid: () => Promise.resolve(true),
  };
  const byKey = (stillValid: () => boolean): Entry => ({
    viewer: viewerWithout("key", accounts === undefined ? ALL_ROLES : []),
    permissions: accounts === undefined ? everything : MACHINE,
    stillValid: () => Promise.resolve(stillValid()),
  });
  const mode = accounts === undefined ? sessions.mode : "accounts";
  return {
    mode,
    identify: async (request) => {
      const cookie = request.cookies[SESSION_COOKIE];
      if (mode === "open") {
        return local;
      }
      if (mode === "key" && sessions.isValid(cookie)) {
        return byKey(() => sessions.isValid(cookie));
      }
      const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
      if (bearer !== undefined && sessions.isOperatorKey(bearer)) {
        return byKey(() => true);
      }
      return accounts === undefined || cookie === undefined
        ? undefined
        : identifyAccount(accounts, cookie, permissionsOf);
    },
  };
}

async function identifyAccount(
  accounts: AccountDoor,
  token: string,
  permissionsOf: DoorkeeperInput["permissionsOf"],
): Promise<Entry | undefined> {
  const known = await accounts.find(token);
  if (known === undefined) {
    return undefined;
  }
  const { viewer, expiresAt, renewed } = known;
  return {
    viewer,
    permissions: permissionsOf(viewer.roles),
    session: { token, expiresAt, renewed },
    stillValid: async () => (await accounts.find(token, { renew: false })) !== undefined,
  };
}

function viewerWithout(id: string, roles: Viewer["roles"]): Viewer {
  return { id, name: id, roles: [...roles], department: null, jurisdiction: null };
}

export interface SessionCookie {
  set(reply: FastifyReply, token: string, expiresAt: EpochMs): void;
  clear(reply: FastifyReply): void;
}

/** `secure`: the brain is reached over TLS, and the cookie never travels without it then. */
export function createSessionCookie(clock: Clock, secure: boolean): SessionCookie {
  const options = { path: "/", httpOnly: true, sameSite: "strict", secure } as const;
  return {
    set: (reply, token, expiresAt) => {
      const maxAge = Math.max(1, Math.floor((expiresAt - clock.now()) / 1000));
      void reply.setCookie(SESSION_COOKIE, token, { ...options, maxAge });
    },
    clear: (reply) => {
      void reply.clearCookie(SESSION_COOKIE, options);
    },
  };
}
