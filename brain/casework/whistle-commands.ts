/** Blows whistles and carries out commands to them; their case follows in the same transaction. */
import type { Transaction } from "kysely";
import { appendAudit } from "../audit/index.ts";
import {
  actorName,
  blowWhistle,
  callOf,
  type CaseRecord,
  decideWhistle,
  endWhistle,
  openWhistle,
  note,
  standingOf,
  unmetParties,
  type WhistleRecord,
} from "../cases/index.ts";
import {
  type Actor,
  type BlowWhistle,
  formatTime,
  PermanentError,
  type WhistleCommand,
  type WhistleId,
  whistleIdSchema,
  type WhistleView,
  whistleViewSchema,
} from "../../protocol/index.ts";
import {
  loadCase,
  type LoadedCase,
  type LoadedWhistle,
  saveCases,
  type Schema,
  type TaskShare,
} from "../store/index.ts";
import { requireFresh } from "./case-commands.ts";
import type { CaseworkInput } from "./deps.ts";
import { type Ran, runOnce } from "./run-once.ts";

interface Order {
  readonly key: string;
  readonly principal: string;
  readonly address: string;
}

export function blow(
  input: CaseworkInput,
  request: BlowWhistle,
  actor: Actor,
  order: Order,
): Promise<Ran<WhistleView>> {
  const once = { ...order, body: request };
  return runOnce(input, once, async (tx, now) => {
    const loaded = await loadCase(tx, request.caseId);
    await requireFresh(tx, loaded, request.expectedVersion);
    const outcome = blowWhistle(loaded.record, { actor, now });
    const { lat, lon } = loaded.row.location;
    const { kind, subject, parties, radiusM } = request.whistle;
    const record = openWhistle(
      { kind, subject, parties, site: { lat, lon, radiusM } },
      actor,
      now,
      input.work,
    );
    const whistle = { id: input.newId(), version: 0, record };
    const called = record.parties.map(({ department }) => department).join(", ");
    const blown = note("whistle-blown", { kind, subject, called, due: formatTime(record.dueAt) });
    const saved = await saveCases(
      tx,
      [
        {
          before: loaded,
          record: withStanding(outcome.record, whistle),
          effects: [blown, ...outcome.effects],
          actor: actorName(actor),
          decided: true,
          whistles: [whistle],
          calls: callsOf(whistle),
        },
      ],
      input,
      { now },
    );
    await audit(tx, { loaded, whistle, actor, order, command: "blow", now });
    return {
      answer: viewWhistle(loaded.row.id, { ...whistle, version: 1 }),
      endpointIds: saved.endpointIds,
    };
  });
}

export interface WhistleOrder extends Order {
  readonly command: WhistleCommand;
  readonly expectedVersion: number | undefined;
}

/** @throws PermanentError NOT_FOUND, VERSION_STALE, KEY_REUSED and what `decideWhistle` throws. */
export function commandWhistle(
  input: CaseworkInput,
  id: string,
  actor: Actor,
  order: WhistleOrder,
): Promise<Ran<WhistleView>> {
  const { command, expectedVersion } = order;
  const once = { ...order, body: { id, command, expectedVersion: expectedVersion ?? null } };
  return runOnce(input, once, async (tx, now) => {
    const { loaded, whistle } = await loadWhistle(tx, id);
    requireSameVersion(whistle, expectedVersion);
    const outcome = decideWhistle(whistle.record, command, {
      actor,
      now,
      isValidCode: (code) => input.codes.isValid(id, code),
      work: input.work,
    });
    const changed = { id, version: whistle.version, record: outcome.record };
    const standing = withStanding(loaded.record, changed);
    const after = outcome.ended ? endWhistle(standing) : { record: standing, effects: [] };
    const saved = await saveCases(
      tx,
      [
        {
          before: loaded,
          record: after.record,
          effects: [...outcome.effects, ...after.effects],
          actor: actorName(actor),
          decided: outcome.ended,
          whistles: [changed],
          calls: callsOf(changed, whistle.record),
        },
      ],
      input,
      { now },
    );
    await audit(tx, { loaded, whistle: changed, actor, order, command: command.kind, now });
    return {
      answer: viewWhistle(loaded.row.id, { ...changed, version: whistle.version + 1 }),
      endpointIds: saved.endpointIds,
    };
  });
}

async function loadWhistle(
  tx: Transaction<Schema>,
  id: string,
): Promise<{ readonly loaded: LoadedCase; readonly whistle: LoadedWhistle }> {
  const row = await tx
    .selectFrom("whistle")
    .select("case_id")
    .where("id", "=", id)
    .executeTakeFirst();
  const loaded = row === undefined ? undefined : await loadCase(tx, row.case_id);
  const whistle = loaded?.whistles.find((one) => one.id === id);
  if (loaded === undefined || whistle === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such whistle", { where: id });
  }
  return { loaded, whistle };
}

/** Parties act beside each other; only who names a version wants to be told of the others. */
function requireSameVersion(whistle: LoadedWhistle, expected: number | undefined): void {
  if (expected !== undefined && expected !== whistle.version) {
    throw new PermanentError("VERSION_STALE", "The whistle has changed since it was looked at", {
      where: "expectedVersion",
      expected: String(whistle.version),
      got: String(expected),
    });
  }
}

function withStanding(record: CaseRecord, { id, record: whistle }: LoadedWhistle): CaseRecord {
  const others = record.whistles.filter((one) => one.id !== id);
  return { ...record, whistles: [...others, standingOf(id, whistle)] };
}

/** Messages for the parties that were not called before. */
function callsOf({ id, record }: LoadedWhistle, before?: WhistleRecord): TaskShare[] {
  const known = new Set(before?.parties.map(({ department }) => department));
  return record.parties
    .filter(({ department }) => !known.has(department))
    .map((party) => ({
      department: party.department,
      role: "co" as const,
      whistle: {
        id: whistleIdSchema.parse(id),
        kind: record.kind,
        subject: record.subject,
        required: party.required,
        reportInBy: formatTime(callOf(record, party).dueAt),
      },
    }));
}

interface Audited {
  readonly loaded: LoadedCase;
  readonly whistle: LoadedWhistle;
  readonly actor: Actor;
  readonly order: Order;
  readonly command: string;
  readonly now: number;
}

function audit(
  tx: Transaction<Schema>,
  { loaded, whistle, actor, order, command, now }: Audited,
): Promise<void> {
  return appendAudit(tx, [
    {
      at: now,
      actor: actorName(actor),
      action: "whistle.command",
      subject: `whistle:${whistle.id}`,
      address: order.address,
      facts: { command, by: order.principal, case: loaded.row.id, to: whistle.record.state },
    },
  ]);
}

export function viewWhistle(
  caseId: string,
  { id, version, record }: { id: WhistleId | string; version: number; record: WhistleRecord },
): WhistleView {
  const iso = (at: number | null | undefined): string | null =>
    at === null || at === undefined ? null : formatTime(at);
  return whistleViewSchema.parse({
    id,
    caseId,
    kind: record.kind,
    state: record.state,
    version,
    subject: record.subject,
    blownAt: formatTime(record.blownAt),
    blownBy: record.blownBy,
    dueAt: formatTime(record.dueAt),
    opinion: record.opinion,
    unmet: unmetParties(record),
    parties: record.parties.map((party) => ({
      department: party.department,
      required: party.required,
      calledAt: formatTime(callOf(record, party).at),
      dueAt: formatTime(callOf(record, party).dueAt),
      answeredAt: iso(party.answer?.at),
      coming: party.answer?.coming ?? null,
      checkedInAt: iso(party.checkIn?.at),
      checkedInBy: party.checkIn?.by ?? null,
      distanceM: party.checkIn?.distanceM ?? null,
      measure: party.measure,
      result: party.result,
      waived: party.waived === null ? null : { ...party.waived, at: formatTime(party.waived.at) },
      late: party.late,
      ratingOf: party.ratingOf,
      ratingBy: party.ratingBy,
    })),
  });
}
