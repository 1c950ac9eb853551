/**
 * A brain in miniature, to be killed: opens the embedded database of a folder, writes rows one by
 * one and says after each commit which one is safe. Ends in order when its input ends.
 *
 * Usage: brain-process.ts DATA_DIR SYSTEM_DIR; one JSON object a line on standard output.
 */
import { openDatabase } from "../../../brain/store/index.ts";
import { AppError, systemClock } from "../../../protocol/index.ts";

const [dataDir = ""] = process.argv.slice(2);

function say(fields: object): void {
  process.stdout.write(`${JSON.stringify(fields)}\n`);
}

const log = {
  info: (fields: object, message: string) => say({ kind: "log", message, ...fields }),
  warn: (fields: object, message: string) => say({ kind: "log", message, ...fields }),
  error: (fields: object, message: string) => say({ kind: "log", message, ...fields }),
};

async function main(): Promise<void> {
  const startedAtMs = performance.now();
  const database = await openDatabase({ config: { dataDir }, clock: systemClock, log });
  const tookMs = Math.round(performance.now() - startedAtMs);
  await database.pool.query("create table if not exists kept (n int primary key)");
  const { rows } = await database.pool.query<{ n: number | null }>("select max(n) as n from kept");
  let n = rows[0]?.n ?? 0;
  say({ kind: "open", tookMs, found: n });
  let isEnding = false;
  process.stdin.on("end", () => {
    isEnding = true;
  });
  process.stdin.resume();
  const isWanted = (): boolean => !isEnding;
  while (isWanted()) {
    n += 1;
    await database.pool.query("insert into kept values ($1)", [n]);
    say({ kind: "safe", n });
    await systemClock.wait(2);
  }
  await database.close();
  say({ kind: "closed" });
}

main().catch((error: unknown) => {
  const text = error instanceof Error ? error.message : String(error);
  say({ kind: "failed", name: error instanceof AppError ? error.name : "unknown", text });
  process.exit(1);
});
