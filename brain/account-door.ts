/** Puts the accounts into the brain's door. */
import type { FastifyInstance } from "fastify";
import { uuidv7 } from "uuidv7";
import type { BrainConfig } from "../config/index.ts";
import { auditName, type Clock } from "../protocol/index.ts";
import { createAccounts, permissionsOf } from "./accounts/index.ts";
import {
  createDoorkeeper,
  createSessionCookie,
  type GuardInput,
  type OperatorSessions,
  sessionRoutes,
} from "./api/index.ts";
import { appendAudit } from "./audit/index.ts";
import type { SecretBox } from "./directory/index.ts";
import type { Database } from "./store/index.ts";

export interface AccountDoorInput {
  readonly config: BrainConfig;
  readonly database: Database;
  readonly clock: Clock;
  readonly box: SecretBox;
  readonly sessions: OperatorSessions;
  /** Where browsers reach the brain; known once it listens. */
  readonly baseUrl: () => string;
}

export interface AccountDoor {
  readonly guard: GuardInput;
  readonly routes: readonly ((app: FastifyInstance) => void)[];
}

export async function openAccountDoor(input: AccountDoorInput): Promise<AccountDoor> {
  const { config, database, clock, box, sessions, baseUrl } = input;
  const { db } = database;
  const { publicUrl } = config.server;
  const secure = publicUrl?.startsWith("https:") ?? false;
  const cookie = createSessionCookie(clock, secure);
  const made = await createAccounts({
    ...{ db, clock, newId: uuidv7, config: config.accounts, box, cookie, secure, baseUrl },
  });
  const accounts = config.accounts.enabled ? made : undefined;
  const door = createDoorkeeper({ sessions, accounts, permissionsOf });
  const signing = sessionRoutes({
    ...{ clock, door, sessions, accounts, cookie },
    record: (trace) => appendAudit(db, [{ at: clock.now(), subject: "session", ...trace }]),
  });
  return {
    guard: {
      ...{ door, cookie, publicUrl },
      onRefused: ({ viewer, permission, route, address }) =>
        appendAudit(db, [
          {
            at: clock.now(),
            actor: auditName(viewer),
            action: permission,
            subject: `route:${route}`,
            outcome: "refused",
            address,
          },
        ]),
    },
    routes: [signing, ...made.routes],
  };
}
