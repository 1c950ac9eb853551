/** The accounts themselves: making, changing, inviting. Every change is audited with it. */
import type { Kysely, Selectable, Transaction } from "kysely";
import {
  type AccountChange,
  type AccountView,
  type Clock,
  type Duties,
  dutyProblem,
  type EpochMs,
  formatTime,
  type NewAccount,
  PermanentError,
} from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import { type Schema, sqlState, transaction } from "../store/index.ts";
import type { AccountSessions } from "./sessions.ts";
import { hashToken, newToken } from "./token.ts";

const UNIQUE_VIOLATION = "23505";
export const INVITATION_TTL_MS = 24 * 3_600_000;
/** Two administrators who remove each other at the same moment take turns at this lock. */
const ADMINISTRATORS_LOCK = 715_202_612;

export interface BookInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly sessions: AccountSessions;
}

/** Who changes an account, for the audit. */
export interface By {
  readonly actor: string;
  readonly address?: string;
}

export interface NewInvitation {
  readonly account: AccountView;
  readonly token: string;
  readonly expiresAt: EpochMs;
}

export interface AccountBook {
  list(): Promise<AccountView[]>;
  add(account: NewAccount, by: By): Promise<NewInvitation>;
  change(id: string, change: AccountChange, by: By): Promise<AccountView>;
  /** A new link; the password of before and all sessions end. */
  invite(id: string, by: By): Promise<NewInvitation>;
  /** @returns how many sessions ended. */
  endSessions(id: string, by: By): Promise<number>;
  idOf(name: string): Promise<string | undefined>;
}

type Tx = Transaction<Schema>;
export type AccountRow = Selectable<Schema["account"]>;

export function createAccountBook(input: BookInput): AccountBook {
  const { db, clock, newId, sessions } = input;
  const run = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => transaction(db, work, { clock });
  return {
    list: () => readViews(db, clock.now()),
    idOf: async (name) => {
      const row = await db
        .selectFrom("account")
        .select("id")
        .where("name", "=", name)
        .where("issuer", "is", null)
        .executeTakeFirst();
      return row?.id;
    },
    add: (account, by) =>
      run(async (tx) => {
        const id = newId();
        await insertAccount(tx, id, account, clock.now());
        await audit(tx, input, by, id, "account.add", factsOf(account));
        return writeInvitation(tx, id, clock.now());
      }).catch((error: unknown) => {
        throw sqlState(error) === UNIQUE_VIOLATION ? nameTaken(account.name, error) : error;
      }),
    change: (id, change, by) =>
      run(async (tx) => {
        const row = await lockAccount(tx, id);
        await writeChange(tx, row, change);
        if (change.duties !== undefined || change.enabled === false) {
          await sessions.endAll(tx, id);
        }
        const after = { name: row.name, ...(change.duties ?? dutiesOf(row)) };
        const enabled = change.enabled ?? row.enabled;
        await audit(tx, input, by, id, "account.change", { ...factsOf(after), enabled });
        return readView(tx, id, clock.now());
      }),
    invite: (id, by) =>
      run(async (tx) => {
        const row = await lockAccount(tx, id);
        requireLocal(row);
        await tx.updateTable("account").set({ password_hash: null }).where("id", "=", id).execute();
        await sessions.endAll(tx, id);
        await audit(tx, input, by, id, "account.invite", { name: row.name });
        return writeInvitation(tx, id, clock.now());
      }),
    endSessions: (id, by) =>
      run(async (tx) => {
        const row = await lockAccount(tx, id);
        const ended = await sessions.endAll(tx, id);
        await audit(tx, input, by, id, "account.sign-out", { name: row.name, ended });
        return ended;
      }),
  };
}

async function insertAccount(
  tx: Tx,
  id: string,
  { name, displayName, ...duties }: NewAccount,
  now: EpochMs,
): Promise<void> {
  requireSound(duties);
  await tx
    .insertInto("account")
    .values({
      id,
      name,
      display_name: displayName,
      roles: JSON.stringify(duties.roles),
      department: duties.department,
      jurisdiction: duties.jurisdiction,
      password_hash: null,
      issuer: null,
      subject: null,
      created_at: new Date(now),
    })
    .execute();
}

async function writeChange(tx: Tx, row: AccountRow, change: AccountChange): Promise<void> {
  const { displayName, duties, enabled } = change;
  const loses =
    row.roles.includes("administrator") &&
    (enabled === false || (duties !== undefined && !duties.roles.includes("administrator")));
  if (loses) {
    await requireOtherAdministrator(tx, row.id);
  }
  if (duties !== undefined) {
    requireSound(duties);
  }
  await tx
    .updateTable("account")
    .set({
      display_name: displayName ?? row.display_name,
      roles: JSON.stringify(duties?.roles ?? row.roles),
      department: duties === undefined ? row.department : duties.department,
      jurisdiction: duties === undefined ? row.jurisdiction : duties.jurisdiction,
      enabled: enabled ?? row.enabled,
    })
    .where("id", "=", row.id)
    .execute();
}

async function requireOtherAdministrator(tx: Tx, id: string): Promise<void> {
  const other = await tx
    .selectFrom("account")
    .select("id")
    .where("id", "!=", id)
    .where("enabled", "=", true)
    .where((eb) => eb(eb.ref("roles"), "@>", JSON.stringify(["administrator"]) as never))
    .limit(1)
    .executeTakeFirst();
  if (other === undefined) {
    throw new PermanentError("ACCOUNT_CONFLICT", "Nobody would be left to administer", {
      where: "roles",
      expected: "another enabled administrator",
    });
  }
}

function requireSound(duties: Duties): void {
  const problem = dutyProblem(duties);
  if (problem !== undefined) {
    throw new PermanentError("BODY_MALFORMED", "The roles do not fit together", {
      where: "roles",
      expected: problem,
      got: duties.roles.join(", "),
    });
  }
}

/** Holds the account for the rest of the transaction, and the set of administrators with it. */
async function lockAccount(tx: Tx, id: string): Promise<AccountRow> {
  await tx
    .selectNoFrom((eb) => eb.fn("pg_advisory_xact_lock", [eb.lit(ADMINISTRATORS_LOCK)]).as("held"))
    .execute();
  const row = await tx
    .selectFrom("account")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such account", { where: id });
  }
  return row;
}

function requireLocal(row: AccountRow): void {
  if (row.issuer !== null) {
    throw new PermanentError("ACCOUNT_CONFLICT", "The account has no password here", {
      where: row.name,
      expected: "a local account",
      got: "an account of the OpenID provider",
    });
  }
}

async function writeInvitation(tx: Tx, id: string, now: EpochMs): Promise<NewInvitation> {
  const token = newToken();
  const expiresAt = now + INVITATION_TTL_MS;
  const values = { token_hash: hashToken(token), expires_at: new Date(expiresAt) };
  await tx
    .insertInto("account_invitation")
    .values({ account_id: id, ...values })
    .onConflict((conflict) => conflict.column("account_id").doUpdateSet(values))
    .execute();
  return { account: await readView(tx, id, now), token, expiresAt };
}

function nameTaken(name: string, cause: unknown): PermanentError {
  const detail = { where: "name", expected: "a name that is free", got: name };
  return new PermanentError("ACCOUNT_CONFLICT", "An account has this name", detail, cause);
}

const dutiesOf = ({ roles, department, jurisdiction }: AccountRow): Duties => ({
  roles: [...roles],
  department,
  jurisdiction,
});

function factsOf({ name, roles, department, jurisdiction }: Duties & { readonly name: string }) {
  return { name, roles: roles.join(" "), department, jurisdiction };
}

async function audit(
  tx: Tx,
  { clock }: BookInput,
  { actor, address }: By,
  id: string,
  action: string,
  facts: Record<string, string | number | boolean | null>,
): Promise<void> {
  const base = { at: clock.now(), actor, action, subject: `account:${id}`, facts };
  await appendAudit(tx, [address === undefined ? base : { ...base, address }]);
}

async function readView(db: Tx, id: string, now: EpochMs): Promise<AccountView> {
  const [view] = await readViews(db, now, id);
  if (view === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such account", { where: id });
  }
  return view;
}

async function readViews(
  db: Kysely<Schema> | Tx,
  now: EpochMs,
  id?: string,
): Promise<AccountView[]> {
  let query = db
    .selectFrom("account")
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom("account_session")
        .select((count) => count.fn.countAll<number>().as("count"))
        .whereRef("account_session.account_id", "=", "account.id")
        .where("expires_at", ">", new Date(now))
        .as("sessions"),
    )
    .orderBy("name");
  if (id !== undefined) {
    query = query.where("id", "=", id);
  }
  const rows = await query.execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    ...dutiesOf(row),
    enabled: row.enabled,
    source: row.issuer === null ? "local" : "openid",
    hasPassword: row.password_hash !== null,
    sessions: row.sessions ?? 0,
    createdAt: formatTime(row.created_at.getTime()),
    signedInAt: row.signed_in_at === null ? null : formatTime(row.signed_in_at.getTime()),
  }));
}
