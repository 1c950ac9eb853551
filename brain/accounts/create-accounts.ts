/** Puts the accounts together for the door and for the command line. */
import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import type { BrainConfig } from "../../config/index.ts";
import { type Clock, PermanentError } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { type AccountBook, createAccountBook } from "./account-book.ts";
import { accountRoutes } from "./account-routes.ts";
import type { SessionCookieWriter } from "./cookie.ts";
import { createOpenIdClient, type OpenIdClient } from "./open-id.ts";
import { openIdRoutes, type SealingBox } from "./open-id-routes.ts";
import { ownRoutes } from "./own-routes.ts";
import { createPasswords } from "./password.ts";
import { type AccountSessions, createAccountSessions, type IssuedSession } from "./sessions.ts";
import { type Credentials, signInWithPassword } from "./sign-in.ts";

export interface AccountsInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly config: BrainConfig["accounts"];
  readonly box: SealingBox;
  readonly cookie: SessionCookieWriter;
  readonly secure: boolean;
  /** Where browsers reach the brain, without a slash at the end; known once it listens. */
  readonly baseUrl: () => string;
}

export interface Accounts {
  readonly book: AccountBook;
  readonly routes: readonly ((app: FastifyInstance) => void)[];
  readonly singleSignOn: string | undefined;
  find: AccountSessions["find"];
  signIn(credentials: Credentials): Promise<IssuedSession>;
  signOut(token: string): Promise<void>;
  signOutEverywhere(accountId: string): Promise<number>;
}

/** @throws PermanentError CONFIG_INVALID when the provider's client secret cannot be read. */
export async function createAccounts(input: AccountsInput): Promise<Accounts> {
  const { db, clock, newId, config, cookie } = input;
  const sessions = createAccountSessions({
    ...{ db, clock },
    limits: { idleMs: config.idleMin * 60_000, absoluteMs: config.absoluteH * 3_600_000 },
  });
  const book = createAccountBook({ db, clock, newId, sessions });
  const passwords = createPasswords();
  const client = await openClient(input);
  const signIn = { db, clock, sessions, passwords };
  return {
    book,
    routes: [
      accountRoutes(book),
      ownRoutes(signIn, cookie),
      openIdRoutes({ ...input, sessions, client }),
    ],
    singleSignOn: client?.label,
    find: sessions.find,
    signIn: (credentials) => signInWithPassword(signIn, credentials),
    signOut: sessions.end,
    signOutEverywhere: (accountId) => sessions.endAll(db, accountId),
  };
}

async function openClient({ config, baseUrl }: AccountsInput): Promise<OpenIdClient | undefined> {
  const { openId, enabled } = config;
  if (openId === undefined || !enabled) {
    return undefined;
  }
  const clientSecret = await readClientSecret(openId.clientSecretFile);
  return createOpenIdClient({
    config: openId,
    clientSecret,
    redirectUrl: () => `${baseUrl()}/v1/session/openid/callback`,
  });
}

async function readClientSecret(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    const got = (error as NodeJS.ErrnoException).code ?? "an error";
    const detail = { where: file, expected: "the OpenID client's secret", got };
    throw new PermanentError("CONFIG_INVALID", "A secret cannot be read", detail, error);
  });
  if (text.trim() === "") {
    throw new PermanentError("CONFIG_INVALID", "A secret is empty", {
      where: file,
      expected: "the OpenID client's secret",
    });
  }
  return text.trim();
}
