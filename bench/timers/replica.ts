/** One replica's timers in a process of its own: `replica.ts <database url>`. Sends its lags. */
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { uuidv7 } from "uuidv7";
import { createTimerWorker } from "../../brain/casework/index.ts";
import { createWorkTime, DEFAULT_CALENDAR } from "../../brain/cases/index.ts";
import { type Schema, silentLog } from "../../brain/store/index.ts";
import { systemClock } from "../../protocol/index.ts";

const pool = new pg.Pool({ connectionString: process.argv[2], max: 4 });
pool.on("error", () => undefined);
const stop = new AbortController();
process.on("disconnect", () => stop.abort());
const worker = createTimerWorker({
  db: new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) }),
  clock: systemClock,
  log: { ...silentLog, error: (detail, message) => console.error(message, detail) },
  newId: uuidv7,
  newToken: uuidv7,
  work: createWorkTime(DEFAULT_CALENDAR),
  findEndpoint: () => undefined,
  coDepartmentsOf: () => [],
  onDeliveries: () => undefined,
  codes: { issue: () => ({ code: "", expiresAt: 0 }), isValid: () => false },
  observe: (lagsMs) => {
    if (process.connected) {
      process.send?.(lagsMs);
    }
  },
});
process.send?.([]);
await worker.run(stop.signal);
await pool.end();
