/** Endpoints of departments: made, moved, disabled, and their secrets rotated. */
import type { Updateable } from "kysely";
import { HUB_DEPARTMENT } from "../../cases/index.ts";
import {
  type EndpointChange,
  type EndpointSecret,
  type EndpointView,
  findDepartment,
  formatTime,
  type NewEndpoint,
  type OverlapEnd,
  PermanentError,
  PING_TYPE,
  type PingAnswer,
  redactUrl,
  type Rotation,
} from "../../../protocol/index.ts";
import { appendAudit } from "../../audit/index.ts";
import { type AuditFacts, lockCases, type Schema, transaction } from "../../store/index.ts";
import { endpointOwner, followToHub } from "../import-directory.ts";
import { openKeyRing, signWithRing } from "../old-secrets.ts";
import { type AdminInput, type By, notifyBooks, requireVersion, type Tx } from "./deps.ts";
import { endpointUnknown, readEndpointView, readEndpointViews } from "./endpoint-views.ts";
import { changedBy, type EndpointRow, rotated } from "./secret-holder.ts";

export interface EndpointBook {
  list(): Promise<readonly EndpointView[]>;
  add(wish: NewEndpoint, by: By): Promise<EndpointSecret>;
  change(department: string, change: EndpointChange, by: By): Promise<EndpointView>;
  /** The secret of before counts on for the overlap. */
  rotate(department: string, wish: Rotation, by: By): Promise<EndpointSecret>;
  endOverlap(department: string, wish: OverlapEnd, by: By): Promise<EndpointView>;
  /** A signed message that asks for nothing; neither tasks nor the circuit are touched. */
  ping(department: string, by: By): Promise<PingAnswer>;
}

export function createEndpointBook(input: AdminInput): EndpointBook {
  const { db, clock } = input;
  const view = (department: string): Promise<EndpointView> =>
    readEndpointView(db, clock.now(), department);
  /** One change, its trace and the word to all brains in one transaction. */
  const run = async (work: (tx: Tx) => Promise<void>): Promise<void> => {
    await transaction(
      db,
      async (tx) => {
        await work(tx);
        await notifyBooks(tx);
      },
      { clock },
    );
    await input.reloadBook();
  };
  return {
    list: () => readEndpointViews(db, clock.now()),
    add: async (wish, by) => {
      await requireAllowed(input, wish.url);
      const secret = input.newSecret();
      await run((tx) => insertEndpoint(tx, input, { wish, secret, by }));
      return { endpoint: await view(wish.department), secret };
    },
    change: async (department, change, by) => {
      if (change.url !== undefined) {
        await requireAllowed(input, change.url);
      }
      await run((tx) => writeChange(tx, input, { department, change, by }));
      input.wake([department, HUB_DEPARTMENT].flatMap((code) => input.endpointOf(code) ?? []));
      return view(department);
    },
    rotate: async (department, wish, by) => {
      const secret = input.newSecret();
      await run((tx) => writeRotation(tx, input, { department, wish, by, secret }));
      return { endpoint: await view(department), secret };
    },
    endOverlap: async (department, { expectedVersion, reason }, by) => {
      await run(async (tx) => {
        const row = await lockEndpoint(tx, department, expectedVersion);
        await update(tx, row, { ...changedBy(row, by, clock.now()), old_secrets: "[]" });
        await audit(tx, input, {
          action: "endpoint.end-overlap",
          department,
          by,
          facts: { reason },
        });
      });
      return view(department);
    },
    ping: (department, by) => ping(input, department, by),
  };
}

async function insertEndpoint(
  tx: Tx,
  { town, box, newId, clock, ...input }: AdminInput,
  { wish, secret, by }: { readonly wish: NewEndpoint; readonly secret: string; readonly by: By },
): Promise<void> {
  const { department, url, reason } = wish;
  if (!town().hasDepartment(department) && findDepartment(department) === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such department", { where: department });
  }
  const now = clock.now();
  const made = await tx
    .insertInto("endpoint")
    .values({
      ...{ id: newId(), department, url, enabled: true },
      secret: box.seal(secret, endpointOwner(department)),
      ...changedBy({ version: 0 }, by, now),
    })
    .onConflict((conflict) => conflict.column("department").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (made === undefined) {
    throw new PermanentError("STATE_CONFLICT", "The department has an endpoint already", {
      where: department,
      expected: "a change of that one",
    });
  }
  const facts = { url: redactUrl(url), reason };
  await audit(tx, { clock, ...input }, { action: "endpoint.add", department, by, facts });
}

interface Rotating {
  readonly department: string;
  readonly wish: Rotation;
  readonly by: By;
  readonly secret: string;
}

async function writeRotation(
  tx: Tx,
  input: AdminInput,
  { department, wish, by, secret }: Rotating,
): Promise<void> {
  const row = await lockEndpoint(tx, department, wish.expectedVersion);
  const now = input.clock.now();
  const sealed = input.box.seal(secret, endpointOwner(department));
  await update(tx, row, {
    ...changedBy(row, by, now),
    ...rotated(row, sealed, wish.overlapH, now),
  });
  const facts = { overlapH: wish.overlapH, reason: wish.reason };
  await audit(tx, input, { action: "endpoint.rotate", department, by, facts });
}

interface Changing {
  readonly department: string;
  readonly change: EndpointChange;
  readonly by: By;
}

async function writeChange(
  tx: Tx,
  input: AdminInput,
  { department, change, by }: Changing,
): Promise<void> {
  const { url, enabled, fileNoted, reason, expectedVersion } = change;
  if (enabled === false && department === HUB_DEPARTMENT) {
    throw new PermanentError("STATE_CONFLICT", "The hub takes what no other endpoint can take", {
      where: department,
      expected: "its endpoint to stay enabled; change its address instead",
    });
  }
  await lockCases(tx);
  const row = await lockEndpoint(tx, department, expectedVersion);
  const now = input.clock.now();
  const moves = url !== undefined && url !== row.url;
  await update(tx, row, {
    ...changedBy(row, by, now),
    ...(url === undefined ? {} : { url }),
    // A new address has not failed yet.
    ...(moves ? { failures: 0, probe_at: null, failing_since: null, parked_at: null } : {}),
    ...(enabled === undefined ? {} : { enabled, disabled_reason: enabled ? null : reason }),
    ...(fileNoted === undefined ? {} : notedFile(row)),
  });
  if (enabled === false) {
    await followToHub(tx, now);
  }
  const facts = {
    reason,
    ...(moves ? { from: redactUrl(row.url), to: redactUrl(url) } : {}),
    ...(enabled === undefined ? {} : { enabled }),
    ...(fileNoted === undefined ? {} : { fileNoted }),
  };
  await audit(tx, input, { action: "endpoint.change", department, by, facts });
}

/** What the file says now is known: only what it says after this is told again. */
function notedFile({ file_differs }: EndpointRow) {
  const said = file_differs?.secret === undefined ? null : JSON.stringify(file_differs);
  return { file_seed: said, file_differs: null };
}

async function ping(input: AdminInput, department: string, by: By): Promise<PingAnswer> {
  const { db, box, clock } = input;
  const row = await db
    .selectFrom("endpoint")
    .select(["url", "secret", "old_secrets"])
    .where("department", "=", department)
    .executeTakeFirst();
  if (row === undefined) {
    throw endpointUnknown(department);
  }
  const ring = openKeyRing(row, endpointOwner(department), box);
  const id = input.newId();
  const now = clock.now();
  const timestamp = formatTime(now);
  const message = { type: PING_TYPE, version: 1, timestamp, data: { department } };
  const body = Buffer.from(JSON.stringify(message));
  const { at, status, durationMs, error } = await input.post({
    ...{ url: row.url, id, body },
    sign: (timestampS) => signWithRing(ring, clock.now(), { id, timestampS, body }),
  });
  const facts = { status, error };
  await audit(db, input, { action: "endpoint.ping", department, by, facts });
  return { webhookId: id, at: formatTime(at), status, durationMs, error };
}

async function requireAllowed({ complaintAbout }: AdminInput, url: string): Promise<void> {
  const complaint = await complaintAbout(url);
  if (complaint !== undefined) {
    throw new PermanentError("COMMAND_REFUSED", "The brain may not post to this address", {
      where: "url",
      expected: "a public address, or one of dispatch.allowedNetworks",
      got: complaint,
    });
  }
}

async function lockEndpoint(tx: Tx, department: string, expected: number): Promise<EndpointRow> {
  const row = await tx
    .selectFrom("endpoint")
    .selectAll()
    .where("department", "=", department)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) {
    throw endpointUnknown(department);
  }
  requireVersion(row.version, expected);
  return row;
}

type EndpointUpdate = Updateable<Schema["endpoint"]>;

async function update(tx: Tx, { id }: EndpointRow, set: EndpointUpdate): Promise<void> {
  await tx.updateTable("endpoint").set(set).where("id", "=", id).execute();
}

interface Trace {
  readonly action: string;
  readonly department: string;
  readonly by: By;
  readonly facts: AuditFacts;
}

async function audit(
  db: Parameters<typeof appendAudit>[0],
  { clock }: Pick<AdminInput, "clock">,
  { action, department, by, facts }: Trace,
): Promise<void> {
  const subject = `endpoint:${department}`;
  await appendAudit(db, [{ at: clock.now(), ...by, action, subject, facts }]);
}
