import type { Kysely } from "kysely";
import type { Clock, Duties } from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import { type Schema, transaction } from "../store/index.ts";
import type { Identity } from "./open-id.ts";
import type { AccountSessions, IssuedSession } from "./sessions.ts";
import { refused } from "./sign-in.ts";

export interface EnterInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly sessions: AccountSessions;
}

/**
 * Opens a session for somebody whom the provider vouches for; the first time an account is made.
 * When the provider changed the roles, sessions of before end. An account that an administrator
 * disabled stays out.
 *
 * @throws PermanentError SIGN_IN_REFUSED.
 */
export function enterWithIdentity(
  { db, clock, newId, sessions }: EnterInput,
  { issuer, subject, name, duties }: Identity,
  address: string,
): Promise<IssuedSession> {
  const { department, jurisdiction } = duties;
  const roles = JSON.stringify(duties.roles);
  const values = { name, display_name: name, roles, department, jurisdiction };
  return transaction(
    db,
    async (tx) => {
      const now = clock.now();
      const before = await tx
        .selectFrom("account")
        .selectAll()
        .where("issuer", "=", issuer)
        .where("subject", "=", subject)
        .forUpdate()
        .executeTakeFirst();
      if (before !== undefined && !before.enabled) {
        throw refused();
      }
      const { id } = await tx
        .insertInto("account")
        .values({
          ...values,
          ...{ id: newId(), issuer, subject, password_hash: null },
          ...{ created_at: new Date(now), signed_in_at: new Date(now) },
        })
        .onConflict((conflict) =>
          conflict
            .columns(["issuer", "subject"])
            .where("issuer", "is not", null)
            .doUpdateSet({ ...values, signed_in_at: new Date(now) }),
        )
        .returning("id")
        .executeTakeFirstOrThrow();
      if (before !== undefined && !areSame(before, duties)) {
        await sessions.endAll(tx, id);
      }
      await appendAudit(tx, [
        {
          at: now,
          actor: `operator:${id}`,
          action: "session.open",
          subject: "session",
          address,
          facts: { name, issuer, roles: duties.roles.join(" "), department, jurisdiction },
        },
      ]);
      return sessions.issue(tx, id, address);
    },
    { clock },
  );
}

function areSame(one: ReadonlyDuties, other: ReadonlyDuties): boolean {
  const text = ({ roles, department, jurisdiction }: ReadonlyDuties): string =>
    JSON.stringify([[...roles].sort(), department, jurisdiction]);
  return text(one) === text(other);
}

type ReadonlyDuties = { readonly [Key in keyof Duties]: Readonly<Duties[Key]> };
