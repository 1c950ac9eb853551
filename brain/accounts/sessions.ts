/** Sessions of accounts: opaque tokens with an idle and an absolute end. */
import type { Kysely, Transaction } from "kysely";
import type { Clock, EpochMs, Viewer } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { hashToken, newToken } from "./token.ts";

export interface SessionLimits {
  /** Without a request for so long a session ends. */
  readonly idleMs: number;
  /** It ends then in any case. */
  readonly absoluteMs: number;
}

export interface IssuedSession {
  readonly token: string;
  readonly expiresAt: EpochMs;
}

export interface KnownSession {
  readonly viewer: Viewer;
  readonly expiresAt: EpochMs;
  /** True when the end moved: the cookie is to be set anew. */
  readonly renewed: boolean;
}

export interface AccountSessions {
  issue(db: Database, accountId: string, address: string): Promise<IssuedSession>;
  /** `renew: false` looks without prolonging, as an open stream does. */
  find(token: string, options?: { readonly renew: boolean }): Promise<KnownSession | undefined>;
  end(token: string): Promise<void>;
  /** All of an account, but the one named. @returns how many ended. */
  endAll(db: Database, accountId: string, exceptToken?: string): Promise<number>;
}

type Database = Kysely<Schema> | Transaction<Schema>;

/** The last request is written down to this, so that reading writes little. */
const SEEN_STEP_MS = 60_000;

export interface SessionsInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly limits: SessionLimits;
}

export function createAccountSessions(input: SessionsInput): AccountSessions {
  const { db, clock, limits } = input;
  const { idleMs, absoluteMs } = limits;
  return {
    issue: async (on, accountId, address) => {
      const now = clock.now();
      const token = newToken();
      await on
        .deleteFrom("account_session")
        .where((eb) =>
          eb.or([
            eb("expires_at", "<=", new Date(now)),
            eb("seen_at", "<=", new Date(now - idleMs)),
          ]),
        )
        .execute();
      await on
        .insertInto("account_session")
        .values({
          token_hash: hashToken(token),
          account_id: accountId,
          created_at: new Date(now),
          seen_at: new Date(now),
          expires_at: new Date(now + absoluteMs),
          address,
        })
        .execute();
      return { token, expiresAt: now + Math.min(idleMs, absoluteMs) };
    },
    find: (token, { renew } = { renew: true }) => findSession(input, token, renew),
    end: async (token) => {
      await db.deleteFrom("account_session").where("token_hash", "=", hashToken(token)).execute();
    },
    endAll: async (on, accountId, exceptToken) => {
      let query = on.deleteFrom("account_session").where("account_id", "=", accountId);
      if (exceptToken !== undefined) {
        query = query.where("token_hash", "!=", hashToken(exceptToken));
      }
      const { numDeletedRows } = await query.executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

async function findSession(
  { db, clock, limits: { idleMs } }: SessionsInput,
  token: string,
  renew: boolean,
): Promise<KnownSession | undefined> {
  const now = clock.now();
  const tokenHash = hashToken(token);
  const row = await db
    .selectFrom("account_session as session")
    .innerJoin("account", "account.id", "session.account_id")
    .select(["session.seen_at", "session.expires_at", "account.id", "account.display_name"])
    .select(["account.roles", "account.department", "account.jurisdiction"])
    .where("session.token_hash", "=", tokenHash)
    .where("session.expires_at", ">", new Date(now))
    .where("session.seen_at", ">", new Date(now - idleMs))
    .where("account.enabled", "=", true)
    .executeTakeFirst();
  if (row === undefined) {
    return undefined;
  }
  const seenAt = row.seen_at.getTime();
  const renewed = renew && now - seenAt >= Math.min(SEEN_STEP_MS, idleMs / 2);
  if (renewed) {
    await db
      .updateTable("account_session")
      .set({ seen_at: new Date(now) })
      .where("token_hash", "=", tokenHash)
      .execute();
  }
  const { id, display_name: name, department, jurisdiction } = row;
  return {
    viewer: { id, name, roles: [...row.roles], department, jurisdiction },
    expiresAt: Math.min((renewed ? now : seenAt) + idleMs, row.expires_at.getTime()),
    renewed,
  };
}
