/** Keeps what a node says of its cameras. */
import { type Kysely, sql } from "kysely";
import { type Clock, type OrdersQuestion, PermanentError } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";

/**
 * A camera may be unknown to the directory: it is shown then as not registered, and can be
 * stopped. One that the directory lists for another node only is a mistake in the node's file.
 *
 * @throws PermanentError CAMERA_UNKNOWN.
 */
export async function refuseForeign(
  db: Kysely<Schema>,
  { nodeId, plans, scenes }: OrdersQuestion,
): Promise<void> {
  const named = [...new Set([...plans, ...scenes].map(({ camera }) => camera))];
  if (named.length === 0) {
    return;
  }
  const rows = await db
    .selectFrom("camera")
    .select("id")
    .where("enabled", "=", true)
    .where("id", "in", named)
    .groupBy("id")
    .having((eb) => eb.fn("bool_and", [eb("node_id", "!=", nodeId)]), "=", true)
    .execute();
  const [foreign] = rows;
  if (foreign !== undefined) {
    throw new PermanentError("CAMERA_UNKNOWN", "The camera belongs to another node", {
      where: "plans or scenes",
      expected: `cameras of node ${nodeId}`,
      got: foreign.id,
    });
  }
}

/** Writes what differs from what is known: a node that only waits costs no write. */
export async function keepTold(
  db: Kysely<Schema>,
  clock: Clock,
  { nodeId, plans, scenes }: OrdersQuestion,
): Promise<void> {
  const at = new Date(clock.now());
  if (plans.length > 0) {
    const rows = newestOf(plans).map(({ camera, version, refused }) => ({
      ...{ node_id: nodeId, camera_id: camera, version, told_at: at },
      refused: refused === undefined ? null : JSON.stringify(refused),
    }));
    await db
      .insertInto("camera_scene")
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(["node_id", "camera_id"])
          .doUpdateSet((eb) => ({
            version: eb.ref("excluded.version"),
            refused: eb.ref("excluded.refused"),
            told_at: eb.ref("excluded.told_at"),
          }))
          .where(
            sql<boolean>`camera_scene.version is distinct from excluded.version
              or camera_scene.refused::text is distinct from excluded.refused::text`,
          ),
      )
      .execute();
  }
  if (scenes.length > 0) {
    const rows = newestOf(scenes).map((scene) => ({
      ...{ node_id: nodeId, camera_id: scene.camera, told_at: at },
      scene: JSON.stringify(scene),
    }));
    await db
      .insertInto("camera_scene")
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(["node_id", "camera_id"])
          .doUpdateSet((eb) => ({
            scene: eb.ref("excluded.scene"),
            told_at: eb.ref("excluded.told_at"),
          }))
          .where(sql<boolean>`camera_scene.scene::text is distinct from excluded.scene::text`),
      )
      .execute();
  }
}

/** One row of each camera, whatever was sent: a statement may write a row only once. */
function newestOf<Item extends { readonly camera: string }>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.camera, item])).values()];
}
