/** Plans of cameras: what is wanted now, and every change with who, when and why. */
import { type Kysely, sql, type Transaction } from "kysely";
import {
  type CameraPlan,
  type Clock,
  type EpochMs,
  formatTime,
  PermanentError,
  type PlanChange,
  type PlannedRule,
  type PlanState,
  type RuleId,
  type Viewer,
  auditName,
  type WantedPlan,
} from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import { type Schema, transaction } from "../store/index.ts";
import { diffPlans } from "./plan-diff.ts";
import { nodeKey, notifyNodes } from "./wakeups.ts";

/** Any fixed number; every writer of plans takes this lock, so that versions rise without gaps. */
const PLAN_LOCK = 7_351_009;
const HISTORY = 50;
/** Rows of one statement: a statement takes 65 535 values. */
const CHUNK = 500;

export interface CameraName {
  readonly nodeId: string;
  readonly cameraId: string;
}

/** The node's own file, unchanged. */
export const FILE_PLAN: WantedPlan = { version: 0, analysed: true, paused: [], rules: null };

/** A plan as somebody wants it, before it has a version. */
export type PlanContent = Omit<WantedPlan, "version">;

export interface PlanIntent {
  readonly camera: CameraName;
  /** From what is wanted now; undefined leaves it. Throws to refuse. */
  readonly change: (now: WantedPlan) => PlanContent | undefined;
  /** The rules of the node's own file, as far as they are known: what `rules: null` means. */
  readonly fileRules: readonly PlannedRule[] | undefined;
  /** Of an edit: the version that was read. */
  readonly baseVersion?: number;
}

export interface PlanAuthor {
  readonly viewer: Viewer;
  readonly reason: string;
  readonly address: string;
}

export type PlanDeps = { readonly db: Kysely<Schema>; readonly clock: Clock };

type Reader = Kysely<Schema> | Transaction<Schema>;

/** Newest version of each camera's plan, of one node or camera where it is named. */
export async function readPlans(
  db: Reader,
  where: { readonly nodeId?: string | undefined; readonly cameraId?: string | undefined } = {},
): Promise<ReadonlyMap<string, WantedPlan>> {
  let query = db
    .selectFrom("camera_plan")
    .distinctOn(["node_id", "camera_id"])
    .select(["node_id", "camera_id", "version", "analysed", "paused", "rules"])
    .orderBy("node_id")
    .orderBy("camera_id")
    .orderBy("version", "desc");
  if (where.nodeId !== undefined) {
    query = query.where("node_id", "=", where.nodeId);
  }
  if (where.cameraId !== undefined) {
    query = query.where("camera_id", "=", where.cameraId);
  }
  const rows = await query.execute();
  return new Map(
    rows.map(({ node_id, camera_id, version, analysed, paused, rules }) => [
      planKey({ nodeId: node_id, cameraId: camera_id }),
      {
        ...{ version, analysed },
        paused: paused as RuleId[],
        rules: rules === null ? null : [...rules],
      },
    ]),
  );
}

export const planKey = ({ nodeId, cameraId }: CameraName): string => `${nodeId}/${cameraId}`;

/** Plans of a node that are other ones than it says, without those that it has refused. */
export async function newsOfPlans(
  db: Reader,
  nodeId: string,
  told: readonly PlanState[],
): Promise<CameraPlan[]> {
  const wanted = await readPlans(db, { nodeId });
  return told.flatMap(({ camera, version, refused }) => {
    const plan = wanted.get(planKey({ nodeId, cameraId: camera })) ?? FILE_PLAN;
    return plan.version === version || plan.version === refused?.version
      ? []
      : [{ camera, ...plan }];
  });
}

/**
 * Changes plans in one transaction, and tells their nodes. An intent that changes nothing leaves
 * no version, so that a repetition is harmless.
 *
 * @returns how many plans changed.
 * @throws PermanentError VERSION_STALE, and what an intent throws; nothing is changed then.
 */
export async function changePlans(
  { db, clock }: PlanDeps,
  intents: readonly PlanIntent[],
  author: PlanAuthor,
): Promise<number> {
  const now = clock.now();
  const work = async (tx: Transaction<Schema>): Promise<number> => {
    await sql`select pg_advisory_xact_lock(${sql.lit(PLAN_LOCK)})`.execute(tx);
    const [only] = intents.length === 1 ? intents : [];
    const plans = await readPlans(tx, only?.camera);
    const changes: NewVersion[] = [];
    for (const intent of intents) {
      const plan = plans.get(planKey(intent.camera)) ?? FILE_PLAN;
      const content = intent.change(plan);
      const diff = content && diffPlans(plan, content, intent.fileRules);
      if (content === undefined || diff === undefined) {
        continue;
      }
      await requireFresh(tx, intent, plan);
      changes.push({ camera: intent.camera, version: plan.version + 1, content, ...diff });
    }
    for (let at = 0; at < changes.length; at += CHUNK) {
      await writeVersions(tx, changes.slice(at, at + CHUNK), author, now);
    }
    await notifyNodes(
      tx,
      changes.map(({ camera }) => nodeKey(camera.nodeId)),
    );
    return changes.length;
  };
  return transaction(db, work, { clock });
}

interface NewVersion extends Pick<PlanChange, "did" | "ruleIds"> {
  readonly camera: CameraName;
  readonly version: number;
  readonly content: PlanContent;
}

async function writeVersions(
  tx: Transaction<Schema>,
  changes: readonly NewVersion[],
  author: PlanAuthor,
  now: EpochMs,
): Promise<void> {
  const { viewer, reason } = author;
  const rows = changes.map(({ camera, version, content, did, ruleIds }) => ({
    ...{ node_id: camera.nodeId, camera_id: camera.cameraId, version, reason },
    analysed: content.analysed,
    paused: JSON.stringify(content.paused),
    rules: content.rules === null ? null : JSON.stringify(content.rules),
    did: JSON.stringify(did),
    rule_ids: JSON.stringify(ruleIds),
    changed_by: auditName(viewer),
    changed_by_name: viewer.name,
    changed_at: new Date(now),
  }));
  await tx.insertInto("camera_plan").values(rows).execute();
  await appendAudit(
    tx,
    changes.map((change) => auditEntry(change, author, now)),
  );
}

function auditEntry(
  { camera, version, content, did, ruleIds }: NewVersion,
  { viewer, reason, address }: PlanAuthor,
  at: EpochMs,
): Parameters<typeof appendAudit>[1][number] {
  return {
    ...{ at, address, actor: auditName(viewer), action: "camera.plan" },
    subject: `camera:${planKey(camera)}`,
    facts: {
      ...{ version, reason, did: did.join(" "), analysed: content.analysed },
      rules: ruleIds.join(" ").slice(0, 500),
    },
  };
}

async function requireFresh(
  tx: Transaction<Schema>,
  { camera, baseVersion }: PlanIntent,
  plan: WantedPlan,
): Promise<void> {
  if (baseVersion === undefined || baseVersion === plan.version) {
    return;
  }
  const [last] = await readHistory(tx, camera, 1);
  throw new PermanentError("VERSION_STALE", "The plan has changed since it was looked at", {
    where: "baseVersion",
    expected: String(plan.version),
    got: String(baseVersion),
    ...(last === undefined
      ? {}
      : {
          current: {
            version: plan.version,
            state: plan.analysed ? "analysed" : "stopped",
            by: last.by.name,
            did: last.did.join(" "),
            at: last.at,
          },
        }),
  });
}

/** Newest first. */
export async function readHistory(
  db: Reader,
  { nodeId, cameraId }: CameraName,
  limit: number = HISTORY,
): Promise<PlanChange[]> {
  const rows = await db
    .selectFrom("camera_plan")
    .selectAll()
    .where("node_id", "=", nodeId)
    .where("camera_id", "=", cameraId)
    .orderBy("version", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    version: row.version,
    at: formatTime(row.changed_at.getTime()),
    by: { id: row.changed_by, name: row.changed_by_name },
    reason: row.reason,
    did: row.did,
    ruleIds: row.rule_ids as RuleId[],
  }));
}
