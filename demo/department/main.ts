/** `npm run department -- --config file.yaml`: the demonstration department as a process. */
import { parseArgs } from "node:util";
import { AppError, systemClock } from "../../protocol/index.ts";
import { announceReady, stopWithParent } from "../launcher/index.ts";
import { loadDepartmentConfig } from "./config.ts";
import { startDepartment } from "./department.ts";

const HELP = `Usage: npm run department -- --config department.yaml

Receives signed task webhooks, keeps a ledger of them and accepts every task after a short while.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { config: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help === true || values.config === undefined) {
    console.log(HELP);
    process.exitCode = values.help === true ? 0 : 1;
    return;
  }
  const department = await startDepartment(loadDepartmentConfig(values.config), {
    clock: systemClock,
    post: fetch,
    log: (message) => console.log(`${new Date().toISOString()} ${message}`),
  });
  stopWithParent(() => department.close());
  announceReady({ url: department.url });
  console.log(`${new Date().toISOString()} the department listens at ${department.url}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof AppError || isUsage(error) ? error.message : error);
  process.exitCode = 1;
});

function isUsage(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE");
}
