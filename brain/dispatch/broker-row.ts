/** The broker's place in the stream of changes: a subscription that no page made. */
import type { Kysely } from "kysely";
import { type Clock, redactUrl } from "../../protocol/index.ts";
import { type Schema, transaction } from "../store/index.ts";

/** No subscription that a person adds can have this name, nor be removed by it. */
export const BROKER_NAME = "mqtt:broker";

/** Without a broker its row rests; it goes on from where it stood when one is configured again. */
export async function keepBrokerRow(
  db: Kysely<Schema>,
  clock: Clock,
  newId: () => string,
  url: string | undefined,
): Promise<void> {
  const now = new Date(clock.now());
  await transaction(
    db,
    async (tx) => {
      await tx
        .updateTable("subscription")
        .set({
          // Rows of earlier versions had a name that a subscriber may choose.
          name: BROKER_NAME,
          enabled: url !== undefined,
          ...(url === undefined ? {} : { url: redactUrl(url) }),
        })
        .where("transport", "=", "mqtt")
        .execute();
      if (url === undefined) {
        return;
      }
      await tx
        .insertInto("subscription")
        .values((eb) => ({
          ...{ id: newId(), name: BROKER_NAME, url: redactUrl(url), secret: "" },
          ...{ event_types: "[]", transport: "mqtt" as const, next_attempt_at: now },
          // From now on.
          cursor: eb.fn.coalesce(
            eb.selectFrom("stream").select((max) => max.fn.max("position").as("last")),
            eb.lit(0),
          ) as never,
        }))
        .onConflict((conflict) => conflict.column("name").doNothing())
        .execute();
    },
    { clock },
  );
}
