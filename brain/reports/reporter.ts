/** Who may speak for which channel, and the keys that grid workers report with. */
import { randomBytes } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { PermanentError, type ReportChannel, type Responder } from "../../protocol/index.ts";
import { transaction } from "../store/index.ts";
import { appendAudit } from "../audit/index.ts";
import type { ReportsInput } from "./ports.ts";
import { hashOf } from "./tracking-code.ts";

const KEY_PATTERN = /^Bearer (gw_[A-Za-z0-9_-]{43})$/;

/** The grid worker's key where the request carries one in the form of such a key. */
export function readResponderKey({ headers }: FastifyRequest): string | undefined {
  return KEY_PATTERN.exec(headers.authorization ?? "")?.[1];
}

/**
 * @returns the grid worker who reports, or null where the report names nobody.
 * @throws PermanentError SESSION_REQUIRED for a channel that the sender cannot speak for.
 */
export async function findReporter(
  input: ReportsInput,
  request: FastifyRequest,
  channel: ReportChannel,
): Promise<string | null> {
  const key = readResponderKey(request);
  if (channel === "grid-worker" && key !== undefined) {
    return responderOf(input, key);
  }
  if (channel === "resident" || (await mayReport(input, request, channel))) {
    return null;
  }
  throw new PermanentError("SESSION_REQUIRED", "This channel is not open to everybody", {
    where: "channel",
    expected:
      channel === "grid-worker"
        ? "a grid worker's key in `authorization: Bearer gw_…`, or a session"
        : "a session of the control room",
    got: channel,
  });
}

/** A grid worker's account speaks for grid workers; the hotline is a desk of the control room. */
async function mayReport(
  input: ReportsInput,
  request: FastifyRequest,
  channel: ReportChannel,
): Promise<boolean> {
  const entry = await input.identify(request);
  if (entry === undefined || !entry.permissions.has("people.report")) {
    return false;
  }
  return channel === "grid-worker" || entry.permissions.has("people.view");
}

async function responderOf(input: ReportsInput, key: string): Promise<string> {
  const row = await input.db
    .selectFrom("responder_key")
    .select("responder")
    .where("key_hash", "=", hashOf(key))
    .executeTakeFirst();
  if (row === undefined || findResponder(input, row.responder) === undefined) {
    throw new PermanentError("SESSION_REQUIRED", "The key is not in force", {
      where: "authorization",
      expected: "the newest key of a responder of the directory",
    });
  }
  return row.responder;
}

function findResponder(input: ReportsInput, id: string): Responder | undefined {
  return input.town().record.responders.find((one) => one.id === id);
}

/** Who gives or ends a key, as the audit names it. */
export interface KeyActor {
  readonly actor: string;
  readonly address: string;
}

/**
 * A new key, shown this once; the responder's old one ends with it.
 *
 * @throws PermanentError NOT_FOUND
 */
export async function issueKey(
  input: ReportsInput,
  responder: string,
  by: KeyActor,
): Promise<string> {
  if (findResponder(input, responder) === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such responder", {
      where: responder,
      expected: "a responder of the directory in force",
    });
  }
  const key = `gw_${randomBytes(32).toString("base64url")}`;
  const now = input.clock.now();
  const issued = { key_hash: hashOf(key), issued_at: new Date(now) };
  await transaction(
    input.db,
    async (tx) => {
      await tx
        .insertInto("responder_key")
        .values({ responder, ...issued })
        .onConflict((conflict) => conflict.column("responder").doUpdateSet(issued))
        .execute();
      await auditKey(tx, "responder.key", responder, by, now);
    },
    input,
  );
  return key;
}

/** @throws PermanentError NOT_FOUND where there is none. */
export async function revokeKey(
  input: ReportsInput,
  responder: string,
  by: KeyActor,
): Promise<void> {
  const now = input.clock.now();
  await transaction(
    input.db,
    async (tx) => {
      const { numDeletedRows } = await tx
        .deleteFrom("responder_key")
        .where("responder", "=", responder)
        .executeTakeFirst();
      if (numDeletedRows === 0n) {
        throw new PermanentError("NOT_FOUND", "The responder has no key", { where: responder });
      }
      await auditKey(tx, "responder.key-ended", responder, by, now);
    },
    input,
  );
}

function auditKey(
  tx: Parameters<typeof appendAudit>[0],
  action: string,
  responder: string,
  { actor, address }: KeyActor,
  at: number,
): Promise<void> {
  return appendAudit(tx, [{ at, actor, action, subject: `responder:${responder}`, address }]);
}
