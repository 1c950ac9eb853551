/** T1 for people: pictures first, then report, event and inbox in one transaction. */
import { createHash } from "node:crypto";
import type { Transaction } from "kysely";
import {
  type EpochMs,
  formatTime,
  type IncidentEvent,
  PermanentError,
  type ReportReceipt,
  type ReportRequest,
} from "../../protocol/index.ts";
import { type Schema, sqlState, transaction } from "../store/index.ts";
import { cleanPhoto, type CleanPhoto } from "./clean-photo.ts";
import { findPlace } from "./find-place.ts";
import type { ReportsInput } from "./ports.ts";
import { reportEvent } from "./report-event.ts";
import { hashOf, showCode, type TrackingCodes } from "./tracking-code.ts";

export interface Arrival {
  readonly request: ReportRequest;
  /** As they came. */
  readonly photos: readonly Buffer[];
  /** UUID that the sender gave the report. */
  readonly key: string;
  readonly responder: string | null;
}

const UNIQUE_VIOLATION = "23505";

/**
 * The answer means that the report is durable; sending it again gets the same code.
 *
 * @throws PermanentError KEY_REUSED, EVIDENCE_MISMATCH, EVENT_INVALID and the like
 */
export async function takeIn(
  input: ReportsInput,
  codes: TrackingCodes,
  arrival: Arrival,
): Promise<ReportReceipt> {
  const bodyHash = hashOfArrival(arrival);
  const known = await findKnown(input, codes, arrival, bodyHash);
  if (known !== undefined) {
    return known;
  }
  const now = input.clock.now();
  const { request } = arrival;
  const id = input.newId();
  const location = findPlace(request.place, input.town());
  const photos = await cleanAll(arrival.photos);
  const ids = { reportId: id, eventId: input.newId() };
  const event = reportEvent({ request, location, photos, ...ids, now, maxAgeH: input.maxAgeH });
  await writeAll(input, photos);
  const code = codes.codeOf(id);
  const row = {
    id,
    channel: request.channel,
    event_id: event.id,
    idempotency_key: arrival.key,
    body_hash: bodyHash,
    code_hash: hashOf(code),
    responder: arrival.responder,
    contact: request.contact === undefined ? null : input.seal(request.contact, contactOwner(id)),
    received_at: new Date(now),
  };
  const work = async (tx: Transaction<Schema>): Promise<boolean> => {
    await input.accept(tx, event, now);
    const hasRevived = await markStored(tx, event, now);
    await tx.insertInto("report").values(row).execute();
    return hasRevived;
  };
  let hasRevived: boolean;
  try {
    hasRevived = await transaction(input.db, work, input);
  } catch (error) {
    // The same report twice at once: the other one was first.
    const first =
      sqlState(error) === UNIQUE_VIOLATION
        ? await findKnown(input, codes, arrival, bodyHash)
        : undefined;
    if (first === undefined) {
      throw error;
    }
    return first;
  }
  // Retention may have erased what was deleted before, just as it came again.
  await writeAll(input, hasRevived ? photos : []);
  input.onAccepted();
  return {
    code: showCode(code),
    receivedAt: formatTime(now),
    photos: photos.length,
    repeated: false,
  };
}

/** A sealed contact opens for its own report only. */
export function contactOwner(reportId: string): string {
  return `report:${reportId}`;
}

/** One after the other: decoding takes tens of megabytes. */
async function cleanAll(photos: readonly Buffer[]): Promise<CleanPhoto[]> {
  const clean = new Map<string, CleanPhoto>();
  for (const [index, bytes] of photos.entries()) {
    const photo = await cleanPhoto(bytes, `photo[${index}]`);
    clean.set(photo.sha256, photo);
  }
  return [...clean.values()];
}

async function writeAll(
  { writePhoto }: ReportsInput,
  photos: readonly CleanPhoto[],
): Promise<void> {
  for (const { sha256, bytes } of photos) {
    await writePhoto(sha256, bytes);
  }
}

/** @returns whether one of the pictures had been here before, and was gone. */
async function markStored(
  tx: Transaction<Schema>,
  event: IncidentEvent,
  now: EpochMs,
): Promise<boolean> {
  const hashes = event.data.evidence.map(({ sha256 }) => sha256 as string);
  if (hashes.length === 0) {
    return false;
  }
  const gone = await tx
    .selectFrom("evidence")
    .select("sha256")
    .where("sha256", "in", hashes)
    .where("state", "in", ["damaged", "deleted"])
    .forUpdate()
    .execute();
  await tx
    .updateTable("evidence")
    .set({ state: "stored", stored_at: new Date(now) })
    .set({ gone_at: null, checked_at: null, look_at: null, erased: false })
    .where("sha256", "in", hashes)
    .where("state", "!=", "stored")
    .execute();
  return gone.length > 0;
}

async function findKnown(
  { db }: ReportsInput,
  codes: TrackingCodes,
  { key, photos }: Arrival,
  bodyHash: string,
): Promise<ReportReceipt | undefined> {
  const row = await db
    .selectFrom("report")
    .select(["id", "body_hash", "received_at"])
    .where("idempotency_key", "=", key)
    .executeTakeFirst();
  if (row === undefined) {
    return undefined;
  }
  if (row.body_hash !== bodyHash) {
    throw new PermanentError("KEY_REUSED", "Another report has this key", {
      where: "idempotency-key",
      expected: "the report that was sent with it before, or a new key",
    });
  }
  return {
    code: showCode(codes.codeOf(row.id)),
    receivedAt: formatTime(row.received_at.getTime()),
    photos: photos.length,
    repeated: true,
  };
}

function hashOfArrival({ request, photos }: Arrival): string {
  const hash = createHash("sha256").update(JSON.stringify(request));
  for (const bytes of photos) {
    hash.update(createHash("sha256").update(bytes).digest());
  }
  return hash.digest("hex");
}
