/** Signing in with a name and a password, choosing one by a link, and changing it. */
import type { Kysely, Transaction } from "kysely";
import { accountNameSchema, type Clock, PermanentError } from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import { type Schema, transaction } from "../store/index.ts";
import { countAttempt, forgetAttempts } from "./attempts.ts";
import { type Passwords, requireGoodPassword } from "./password.ts";
import type { AccountSessions, IssuedSession } from "./sessions.ts";
import { hashToken } from "./token.ts";

export interface SignInInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly sessions: AccountSessions;
  readonly passwords: Passwords;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
  readonly address: string;
}

/**
 * Says the same, and takes as long, whether the name, the password or the account's state is wrong.
 *
 * @throws PermanentError SIGN_IN_REFUSED, TransientError RATE_LIMITED or OVERLOADED.
 */
export async function signInWithPassword(
  input: SignInInput,
  { name: given, password, address }: Credentials,
): Promise<IssuedSession> {
  const { db, clock, passwords } = input;
  const parsed = accountNameSchema.safeParse(given);
  const name = parsed.success ? parsed.data : "";
  await countAttempt(db, { name, address }, clock.now());
  const account = await db
    .selectFrom("account")
    .select(["id", "enabled", "password_hash"])
    .where("name", "=", name)
    .where("issuer", "is", null)
    .executeTakeFirst();
  const isRight = await passwords.isRight(account?.password_hash ?? null, password);
  if (!isRight || account?.enabled !== true) {
    // A name that nobody has may be a password in the wrong field: it is not written down.
    const [actor, shown] =
      account === undefined ? ["unknown", "unknown"] : [`operator:${account.id}`, name];
    await note(input, actor, "refused", address, shown);
    throw refused();
  }
  return enter(input, { id: account.id, hash: account.password_hash, name, password, address });
}

interface Entering {
  readonly id: string;
  /** That the password was right for. */
  readonly hash: string | null;
  readonly name: string;
  readonly password: string;
  readonly address: string;
}

async function enter(
  input: SignInInput,
  { id, hash, name, password, address }: Entering,
): Promise<IssuedSession> {
  const { db, clock, sessions, passwords } = input;
  const fresh =
    hash !== null && passwords.isOutdated(hash) ? await passwords.hash(password) : undefined;
  const work = async (tx: Transaction<Schema>): Promise<IssuedSession> => {
    // A password that was changed in the meantime opens nothing any more.
    const entered = await tx
      .updateTable("account")
      .set({ signed_in_at: new Date(clock.now()) })
      .where("id", "=", id)
      .where("enabled", "=", true)
      .where("password_hash", "=", hash)
      .returning("id")
      .executeTakeFirst();
    if (entered === undefined) {
      throw refused();
    }
    if (fresh !== undefined) {
      await tx.updateTable("account").set({ password_hash: fresh }).where("id", "=", id).execute();
    }
    return sessions.issue(tx, id, address);
  };
  const session = await transaction(db, work, { clock });
  await forgetAttempts(db, { name, address });
  await note(input, `operator:${id}`, "done", address, name);
  return session;
}

/**
 * Sets the password that the link's holder chose, and signs him in. The link works once.
 *
 * @throws PermanentError SIGN_IN_REFUSED or PASSWORD_WEAK; a weak one does not use the link up.
 */
export async function redeemInvitation(
  input: SignInInput,
  { token, password, address }: { token: string; password: string; address: string },
): Promise<IssuedSession> {
  const { db, clock, sessions, passwords } = input;
  const invitation = await db
    .selectFrom("account_invitation")
    .innerJoin("account", "account.id", "account_invitation.account_id")
    .select(["account.id", "account.name"])
    .where("token_hash", "=", hashToken(token))
    .where("expires_at", ">", new Date(clock.now()))
    .where("account.enabled", "=", true)
    .executeTakeFirst();
  if (invitation === undefined) {
    await note(input, "unknown", "refused", address, "invitation");
    throw refused();
  }
  const { id, name } = invitation;
  requireGoodPassword(name, password);
  const password_hash = await passwords.hash(password);
  return transaction(
    db,
    async (tx) => {
      const used = await tx
        .deleteFrom("account_invitation")
        .where("token_hash", "=", hashToken(token))
        .returning("account_id")
        .executeTakeFirst();
      if (used === undefined) {
        throw refused();
      }
      const now = clock.now();
      await tx
        .updateTable("account")
        .set({ password_hash, signed_in_at: new Date(now) })
        .where("id", "=", id)
        .execute();
      await sessions.endAll(tx, id);
      await appendAudit(tx, [
        {
          at: now,
          actor: `operator:${id}`,
          action: "account.password",
          subject: `account:${id}`,
          address,
          facts: { by: "invitation" },
        },
      ]);
      return sessions.issue(tx, id, address);
    },
    { clock },
  );
}

/** @throws PermanentError SIGN_IN_REFUSED, PASSWORD_WEAK or ACCOUNT_CONFLICT. */
export async function changePassword(
  input: SignInInput,
  change: {
    readonly accountId: string;
    readonly current: string;
    readonly next: string;
    /** Stays open. */
    readonly token: string;
    readonly address: string;
  },
): Promise<void> {
  const { db, clock, sessions, passwords } = input;
  const { accountId, current, next, token, address } = change;
  const account = await db
    .selectFrom("account")
    .select(["name", "password_hash"])
    .where("id", "=", accountId)
    .executeTakeFirst();
  const stored = account?.password_hash ?? null;
  if (account === undefined || stored === null) {
    throw new PermanentError("ACCOUNT_CONFLICT", "The account has no password here", {
      expected: "a local account that has signed in with its password",
    });
  }
  const forget = await countAttempt(db, { name: account.name, address }, clock.now());
  if (!(await passwords.isRight(stored, current))) {
    await note(input, `operator:${accountId}`, "refused", address, account.name);
    throw refused();
  }
  await forget();
  requireGoodPassword(account.name, next);
  const password_hash = await passwords.hash(next);
  await transaction(
    db,
    async (tx) => {
      const changed = await tx
        .updateTable("account")
        .set({ password_hash })
        .where("id", "=", accountId)
        .where("password_hash", "=", stored)
        .returning("id")
        .executeTakeFirst();
      if (changed === undefined) {
        throw refused();
      }
      const ended = await sessions.endAll(tx, accountId, token);
      await appendAudit(tx, [
        {
          at: clock.now(),
          actor: `operator:${accountId}`,
          action: "account.password",
          subject: `account:${accountId}`,
          address,
          facts: { by: "holder", ended },
        },
      ]);
    },
    { clock },
  );
}

export function refused(): PermanentError {
  return new PermanentError("SIGN_IN_REFUSED", "That does not sign anybody in", {
    expected: "name and password of an enabled account, or a link that has not been used",
  });
}

async function note(
  { db, clock }: SignInInput,
  actor: string,
  outcome: "done" | "refused",
  address: string,
  name: string,
): Promise<void> {
  await appendAudit(db, [
    {
      at: clock.now(),
      actor,
      action: "session.open",
      subject: "session",
      outcome,
      address,
      facts: { name },
    },
  ]);
}
