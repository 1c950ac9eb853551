/** What a request began is finished before the brain lets go of its database. */
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BrainBench, eventually, getCases, sendEvents, startBench } from "./brain-bench.ts";
import { sampleEvent } from "./sample-event.ts";

let bench: BrainBench;
/** Locks; another one looks, for statistics stand still within a transaction. */
let other: pg.Client;
let watcher: pg.Client;
beforeAll(async () => {
  bench = await startBench({ endpoints: [] });
  const { connectionString } = bench.postgres;
  other = new pg.Client({ connectionString });
  watcher = new pg.Client({ connectionString });
  await Promise.all([other.connect(), watcher.connect()]);
});
afterAll(async () => {
  await Promise.all([other.end(), watcher.end()]);
  await bench[Symbol.asyncDispose]();
});

async function countOf(query: string): Promise<number> {
  const { rows } = await watcher.query<{ count: number }>(query);
  return rows[0]?.count ?? 0;
}
const viewsOf = (id: string): Promise<number> =>
  countOf(
    `select count(*)::int as count from audit where action = 'case.view' and subject = 'case:${id}'`,
  );

it("ends a request whose client has gone, before the pool", async () => {
  await sendEvents(bench, [sampleEvent()]);
  const { items } = await eventually(
    () => getCases(bench),
    (list) => list.items.length === 1,
  );
  const id = items[0]?.id ?? "";
  const before = await viewsOf(id);
  await other.query("begin");
  await other.query("lock table evidence in access exclusive mode");
  const client = new AbortController();
  const asked = fetch(`${bench.url}/v1/cases/${id}`, { signal: client.signal });
  const waiting = `select count(*)::int as count from pg_stat_activity
    where wait_event_type = 'Lock' and application_name = 'sharp-eyes brain'`;
  await eventually(
    () => countOf(waiting),
    (count) => count > 0,
  );
  client.abort();
  await expect(asked).rejects.toThrow();
  const { url } = bench;
  const restarted = bench.restart();
  // Nobody is let in any more; a pool that does not wait ends its idle connections next.
  await eventually(
    () =>
      fetch(`${url}/healthz`).then(
        () => true,
        () => false,
      ),
    (isOpen) => !isOpen,
  );
  const idle = `select count(*)::int as count from pg_stat_activity
    where application_name = 'sharp-eyes brain' and state = 'idle'`;
  await eventually(
    () => countOf(idle),
    (count) => count === 0,
    1_000,
  ).catch(() => undefined);
  await other.query("commit");
  await restarted;
  expect(await viewsOf(id)).toBe(before + 1);
}, 60_000);
