/** What each step of the brain costs by itself, measured on one batch in this process. */
import { createHmac } from "node:crypto";
import { checkEvent, isRefused, parseBatch } from "../../brain/intake/index.ts";
import { incidentEventSchema } from "../../protocol/index.ts";
import { seeded } from "../support/seeded.ts";
import { EventSource } from "./event-source.ts";
import { placeOf } from "./load.ts";

const BATCH = 110;
const WARM_UP = 50;
const ROUNDS = 200;

/** µs of processor time per event, and the size of an event. */
export function measureStages(): Record<string, number> {
  const now = Date.now();
  const source = new EventSource(
    "node-1",
    ["cam-1", "cam-2"].map((id, place) => ({ id, ...placeOf(0, place) })),
    seeded(1),
  );
  const body = Buffer.from(source.batch(BATCH, now));
  const events = parseBatch(body) ?? [];
  const rules = {
    nodeId: "node-1",
    now,
    maxAgeH: 1,
    maxFutureS: 60,
    isKnownCamera: () => true,
    judge: () => "permitted" as const,
  };
  const refused = events.map((event, index) => checkEvent(event, index, rules)).find(isRefused);
  if (refused !== undefined) {
    throw refused.error;
  }
  return {
    bytesPerEvent: Math.round(body.length / BATCH),
    makingTheLoad: cost(() => source.batch(BATCH, now)),
    signature: cost(() => createHmac("sha256", "key").update(body).digest()),
    parse: cost(() => parseBatch(body)),
    check: cost(() => events.forEach((event, index) => checkEvent(event, index, rules))),
    ofTheCheckSchema: cost(() =>
      events.forEach(({ value }) => incidentEventSchema.safeParse(value)),
    ),
  };
}

function cost(work: () => unknown): number {
  for (let round = 0; round < WARM_UP; round += 1) {
    work();
  }
  const start = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    work();
  }
  const { user, system } = process.cpuUsage(start);
  return Math.round(((user + system) / ROUNDS / BATCH) * 10) / 10;
}
