/** Rotation of a secret, alike for endpoints and nodes. */
import type { Selectable } from "kysely";
import {
  type EpochMs,
  formatTime,
  type NodeSecretView,
  PermanentError,
} from "../../../protocol/index.ts";
import type { Schema } from "../../store/index.ts";
import { unexpired } from "../old-secrets.ts";
import type { By } from "./deps.ts";

export type EndpointRow = Selectable<Schema["endpoint"]>;
export type NodeRow = Selectable<Schema["node"]>;
type Holder = Pick<EndpointRow & NodeRow, keyof EndpointRow & keyof NodeRow>;

const HOUR_MS = 3_600_000;
/** Secrets of before that count at one time: each adds a signature to every message. */
const MAX_OLD = 3;

interface ChangeColumns {
  readonly version: number;
  readonly managed_by: "room";
  readonly changed_at: Date;
  readonly changed_by: string;
}

/** Columns that every change in the control room sets. */
export function changedBy(row: Pick<Holder, "version">, by: By, now: EpochMs): ChangeColumns {
  return {
    version: row.version + 1,
    managed_by: "room",
    changed_at: new Date(now),
    changed_by: by.actor,
  };
}

/** Columns of a rotation: the secret of before counts on for the overlap. */
export function rotated(
  row: Pick<Holder, "secret" | "old_secrets">,
  sealed: string,
  overlapH: number,
  now: EpochMs,
): { readonly secret: string; readonly old_secrets: string; readonly rotated_at: Date } {
  const until = formatTime(now + overlapH * HOUR_MS);
  const before = unexpired(row.old_secrets, now);
  if (overlapH > 0 && before.length >= MAX_OLD) {
    throw new PermanentError("STATE_CONFLICT", "Too many secrets of before still count", {
      expected: `at most ${MAX_OLD - 1}: end their overlap first`,
      got: String(before.length),
    });
  }
  const old = overlapH > 0 ? [{ sealed: row.secret, until }, ...before] : [];
  return { secret: sealed, old_secrets: JSON.stringify(old), rotated_at: new Date(now) };
}

type HolderView = Omit<NodeSecretView, "id" | "enabled" | "seenAt">;

/** What the page shows of a holder; nothing of a secret. */
export function viewHolder(row: Omit<Holder, "secret">, now: EpochMs): HolderView {
  const time = (at: Date | null): string | null => (at === null ? null : formatTime(at.getTime()));
  const ends = unexpired(row.old_secrets, now).map(({ until }) => Date.parse(until));
  return {
    version: row.version,
    managedBy: row.managed_by,
    rotatedAt: time(row.rotated_at),
    overlapUntil: ends.length === 0 ? null : formatTime(Math.max(...ends)),
    changedAt: time(row.changed_at),
    changedBy: row.changed_by,
    fileDiffers: viewDifference(row),
  };
}

function viewDifference({ file_differs, file_seed, file_seen_at }: Omit<Holder, "secret">) {
  if (file_differs === null || file_seen_at === null) {
    return null;
  }
  const what: ("url" | "secret" | "removed")[] =
    file_differs.secret === undefined
      ? ["removed"]
      : [
          ...(file_differs.url === file_seed?.url ? [] : ["url" as const]),
          ...(file_differs.secret === file_seed?.secret ? [] : ["secret" as const]),
        ];
  return { what, url: file_differs.url ?? null, seenAt: formatTime(file_seen_at.getTime()) };
}
