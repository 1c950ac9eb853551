import type { Kysely } from "kysely";
import type { Clock } from "../../protocol/index.ts";
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
  const values = {
    name,
    display_name: name,
    roles: JSON.stringify(duties.roles),
    department,
    jurisdiction,
  };
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
      const sameDuties =
        before === undefined ||
        (JSON.stringify([...before.roles].sort()) === JSON.stringify([...duties.roles].sort()) &&
          before.department === department &&
          before.jurisdiction === jurisdiction);
      if (!sameDuties) {
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
