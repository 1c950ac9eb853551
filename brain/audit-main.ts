/**
 * `npm run audit -- --config brain.yaml [--head number:hash]`: verifies the audit's chain straight
 * from the database, without the brain. Exit code 1 when something was changed.
 */
import { parseArgs } from "node:util";
import { loadBrainConfig } from "../config/index.ts";
import { AppError, PermanentError, systemClock } from "../protocol/index.ts";
import { createSealer, verifyAudit } from "./audit/index.ts";
import { openDatabase, silentLog } from "./store/index.ts";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { config: { type: "string" }, head: { type: "string" } },
  });
  if (values.config === undefined) {
    process.stdout.write(
      "npm run audit -- --config brain.yaml [--head number:hash]\n\n" +
        "Verifies the audit. With the database inside, stop the brain first, or ask it:\n" +
        "GET /v1/audit/verification. A head that was noted earlier proves that nothing was cut off.\n",
    );
    return 2;
  }
  const expected = values.head === undefined ? undefined : parseHead(values.head);
  const { database } = loadBrainConfig(values.config);
  const opened = await openDatabase({ config: database, clock: systemClock, log: silentLog });
  try {
    await createSealer({ db: opened.db, clock: systemClock, log: silentLog }).seal();
    const report = await verifyAudit(opened.db, expected);
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    return report.ok ? 0 : 1;
  } finally {
    await opened.close();
  }
}

function parseHead(text: string): { readonly number: number; readonly hash: string } {
  const [, number, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (number === undefined || hash === undefined) {
    throw new PermanentError("CONFIG_INVALID", "The head cannot be read", {
      where: "--head",
      expected: "number:hash, as an earlier verification told it",
      got: text,
    });
  }
  return { number: Number(number), hash };
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof AppError ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
