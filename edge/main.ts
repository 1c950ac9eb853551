/** `npm run edge -- --config edge.yaml`: runs one edge node until it is told to stop. */
import path from "node:path";
import { parseArgs } from "node:util";
import { pino } from "pino";
import { uuidv7 } from "uuidv7";
import { loadEdgeConfig } from "../config/index.ts";
import packageJson from "../package.json" with { type: "json" };
import { AppError, PermanentError, systemClock } from "../protocol/index.ts";
import { startEdge } from "./node.ts";

const PROJECT = path.resolve(import.meta.dirname, "..");
/** Terminals and supervisors hand one signal on several times; only a later one is impatience. */
const SAME_SIGNAL_MS = 1500;
const log = pino({ name: "edge", redact: ["secret", "*.secret"] });

function configPath(): string {
  const { values } = parseArgs({ options: { config: { type: "string", short: "c" } } });
  if (values.config === undefined) {
    throw new PermanentError("CONFIG_INVALID", "No configuration was named", {
      expected: "--config path/to/edge.yaml",
    });
  }
  return values.config;
}

async function main(): Promise<void> {
  const node = await startEdge({
    config: loadEdgeConfig(configPath()),
    modelCacheDir: process.env.SHARP_EYES_MODELS ?? path.join(PROJECT, ".cache/models"),
    version: packageJson.version,
    clock: systemClock,
    random: Math.random,
    newId: uuidv7,
    log,
  });
  log.info({ metricsPort: node.metricsPort, pid: process.pid }, "the edge node runs");
  process.send?.({ type: "ready", metricsPort: node.metricsPort });

  let stoppingSince: number | undefined;
  const stop = (reason: string): void => {
    if (stoppingSince !== undefined) {
      if (systemClock.now() - stoppingSince > SAME_SIGNAL_MS) {
        process.kill(process.pid, "SIGKILL"); // Asked twice: the user does not want to wait.
      }
      return;
    }
    stoppingSince = systemClock.now();
    log.info({ reason }, "the edge node stops");
    node.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "the edge node did not stop cleanly");
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("disconnect", () => stop("the supervisor is gone"));
}

try {
  await main();
} catch (error) {
  if (error instanceof AppError) {
    log.fatal({ code: error.code, ...error.detail }, error.message);
  } else {
    log.fatal({ err: error }, "the edge node cannot start");
  }
  process.exit(1);
}
